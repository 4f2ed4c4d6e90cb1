//! The book that plans are measured with: the shipped gaming book, but with forty agreements, ten
//! of which rate single players and one of which rates single shops.

use node::book::example::OPERATOR_PLACEHOLDER;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Shops of the simulated world.
const SHOPS: usize = 50;
/// Chains that the shops belong to.
const CHAINS: usize = 5;

/// Files of a book by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The book; the changed one has other rates in some agreements of every form.
pub fn book(changed: bool) -> Files {
    let template = node::book::template("gaming").unwrap_or_default();
    let kept = template.into_iter().filter(|(path, _)| !path.starts_with("agreements/"));
    let mut files: Files = kept
        .map(|(path, text)| {
            let mut text = text.replace(OPERATOR_PLACEHOLDER, super::OPERATOR);
            if path == "parties.yaml" {
                text.push_str(&shops());
            }
            (path.to_owned(), text.into_bytes())
        })
        .collect();
    for Terms { name, to, head, steps } in agreements(changed) {
        let text = format!(
            "agreement: {name}\ntitle: {{ en: {name} }}\nfrom: house\nto: {to}\n{head}terms:\n  - \
             version: 1\n    steps:\n{steps}"
        );
        files.insert(format!("agreements/{name}.yaml"), text.into_bytes());
    }
    files
}

struct Terms {
    name: String,
    to: String,
    head: String,
    steps: String,
}

/// The tree of the partners that bring players.
fn shops() -> String {
    let mut text = String::from("\n  # The tree of the simulated shops.\n");
    for chain in 0..CHAINS {
        let _ = writeln!(text, "  chain-{chain}: {{ role: partner, parent: shop-network }}");
    }
    for shop in 0..SHOPS {
        let chain = shop % CHAINS;
        let _ = writeln!(text, "  shop-{shop}: {{ role: partner, parent: chain-{chain} }}");
    }
    text
}

fn agreements(changed: bool) -> Vec<Terms> {
    let mut all: Vec<Terms> = (0..24).map(|studio| share(studio, changed)).collect();
    all.extend((24..27).map(|studio| window(studio, changed)));
    all.extend((27..29).map(|studio| half_months(studio, changed)));
    // Shops play in one asset each: every third one in won.
    all.extend([1, 3, 4, 6, 7].map(|shop| affiliate(shop, changed)));
    all.extend((1..4).map(|studio| high_rollers(studio, changed)));
    all.extend([9, 10].map(|shop| cashback(shop, changed)));
    all.push(commissions(changed));
    all
}

fn head(asset: &str, zone: &str, period: &str) -> String {
    format!("asset: {asset}\nzone: {zone}\nperiod: {period}\n")
}

const ROUND: &str = "      - round: { scale: 2, mode: half-up }\n";

/// One step a line.
fn steps(lines: &[String]) -> String {
    let lines = lines.iter().map(|line| format!("      - {line}\n"));
    lines.chain([ROUND.to_owned()]).collect()
}

fn only(dim: &str, value: impl std::fmt::Display) -> String {
    format!("select: {{ only: {{ {dim}: [{value}] }} }}")
}

/// A studio's share of its revenue by bands, costs deducted, with a floor and a ceiling.
fn share(studio: usize, changed: bool) -> Terms {
    let rate = if changed && studio.is_multiple_of(3) { "11.5%" } else { "12.5%" };
    let zone = if studio % 6 == 5 { "Asia/Seoul" } else { "UTC" };
    Terms {
        name: format!("studio-{studio}-share"),
        to: format!("studio-{studio}"),
        head: head("EUR", zone, "month"),
        steps: steps(&[
            only("provider", format_args!("studio-{studio}")),
            "sum: { name: ggr, measure: ggr }".to_owned(),
            "deduct: { name: costs, floor_at_zero: true, items: { bonuses: { measure: bonuses, \
             cap: { line: ggr, rate: \"25%\" } } } }"
                .to_owned(),
            format!(
                "tier: {{ name: share, method: marginal, bands: [{{ up_to: \"100000.00\", rate: \
                 \"15%\" }}, {{ up_to: \"1000000.00\", rate: \"{rate}\" }}, {{ rate: \"10%\" }}] }}"
            ),
            "minimum: { name: guarantee, amount: \"500.00\" }".to_owned(),
            "cap: { name: ceiling, amount: \"250000.00\" }".to_owned(),
        ]),
    }
}

/// A share by bands of the quarter so far.
fn window(studio: usize, changed: bool) -> Terms {
    let rate = if changed { "8.5%" } else { "8%" };
    Terms {
        name: format!("studio-{studio}-quarter"),
        to: format!("studio-{studio}"),
        head: head("EUR", "UTC", "month"),
        steps: steps(&[
            only("provider", format_args!("studio-{studio}")),
            format!(
                "tier: {{ name: share, of: {{ measure: stakes }}, method: marginal, window: \
                 quarter, bands: [{{ up_to: \"1000000.00\", rate: \"{rate}\" }}, {{ rate: \"5%\" \
                 }}] }}"
            ),
        ]),
    }
}

/// A share of turnover every half month, in won.
fn half_months(studio: usize, changed: bool) -> Terms {
    let rate = if changed && studio.is_multiple_of(2) { "1.1%" } else { "1%" };
    Terms {
        name: format!("studio-{studio}-turnover"),
        to: format!("studio-{studio}"),
        head: head("KRW", "Asia/Seoul", "half-month"),
        steps: format!(
            "      - {}\n      - sum: {{ name: stakes, measure: stakes }}\n      - share: {{ rate: \
             \"{rate}\" }}\n      - round: {{ mode: down }}\n",
            only("provider", format_args!("studio-{studio}"))
        ),
    }
}

/// A shop's share of what its players lost; large winners are worked off by themselves.
fn affiliate(shop: usize, changed: bool) -> Terms {
    let threshold = if changed && shop % 2 == 1 { "4000.00" } else { "5000.00" };
    let share = if changed && shop == 4 { "28%" } else { "30%" };
    Terms {
        name: format!("shop-{shop}-players"),
        to: format!("shop-{shop}"),
        head: head("EUR", "UTC", "month"),
        steps: steps(&[
            only("partner", format_args!("shop-{shop}")),
            "sum: { name: ngr, measure: ngr }".to_owned(),
            format!(
                "quarantine: {{ name: large, measure: ngr, by: player, threshold: \"{threshold}\" \
                 }}"
            ),
            format!("share: {{ rate: \"{share}\" }}"),
        ]),
    }
}

/// A studio's share, with large winners set apart.
fn high_rollers(studio: usize, changed: bool) -> Terms {
    let rate = if changed && studio == 2 { "13%" } else { "12%" };
    Terms {
        name: format!("studio-{studio}-large"),
        to: format!("studio-{studio}"),
        head: head("EUR", "UTC", "month"),
        steps: steps(&[
            only("provider", format_args!("studio-{studio}")),
            "sum: { name: ggr, measure: ggr }".to_owned(),
            "quarantine: { name: large, measure: ggr, by: player, threshold: \"10000.00\" }"
                .to_owned(),
            format!("share: {{ rate: \"{rate}\" }}"),
        ]),
    }
}

/// What the players of one shop get back of their stakes with one studio, by bands of each player.
fn cashback(shop: usize, changed: bool) -> Terms {
    let top = if changed { "3.5%" } else { "3%" };
    Terms {
        name: format!("shop-{shop}-cashback"),
        to: format!("shop-{shop}"),
        head: head("EUR", "UTC", "month"),
        steps: steps(&[
            format!(
                "select: {{ only: {{ partner: [shop-{shop}], provider: [studio-5, studio-6] }} }}"
            ),
            format!(
                "tier: {{ name: cashback, of: {{ measure: stakes }}, per: [player], method: \
                 marginal, bands: [{{ up_to: \"100.00\", rate: \"1%\" }}, {{ rate: \"{top}\" }}] }}"
            ),
        ]),
    }
}

/// Commissions down the tree of shops, of turnover and of what was lost with each studio.
fn commissions(changed: bool) -> Terms {
    let top = if changed { "1.6%" } else { "1.5%" };
    let mut rates = format!(
        "            - {{ party: shop-network, turnover: \"{top}\", net_loss: \"20%\" }}\n"
    );
    for chain in 0..CHAINS {
        let _ = writeln!(
            rates,
            "            - {{ party: chain-{chain}, turnover: \"1%\", net_loss: \"15%\" }}"
        );
    }
    for shop in 0..SHOPS {
        let _ = writeln!(rates, "            - {{ party: shop-{shop}, turnover: \"0.8%\" }}");
    }
    Terms {
        name: "shop-network-commissions".to_owned(),
        to: "shop-network".to_owned(),
        head: head("EUR", "UTC", "month"),
        steps: format!(
            "      - select: {{ only: {{ provider: [studio-0, studio-7, studio-8] }} }}\n      - \
             hierarchy:\n          name: commissions\n          party: partner\n          product: \
             provider\n          turnover: stakes\n          net_loss: {{ measure: ggr, floor: \
             each }}\n          rates:\n{rates}{ROUND}"
        ),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a failing unwrap fails the test
mod tests {
    use super::*;

    #[test]
    fn forty_agreements_compile_in_both_books_and_some_of_every_form_differ() {
        let [before, after] = [false, true].map(|changed| {
            let (compiled, found) = node::book::compile(&book(changed), 1);
            assert!(found.is_empty(), "{found:?}");
            compiled.unwrap()
        });
        let players = |book: &node::book::Compiled| {
            let terms = book.agreements.iter();
            let reads = terms.filter(|terms| {
                terms.reads().iter().any(|read| read.by.contains(&"player".to_owned()))
            });
            (book.agreements.len(), reads.count())
        };
        assert_eq!((players(&before), players(&after)), ((40, 10), (40, 10)));
        let pairs = before.agreements.iter().zip(&after.agreements);
        assert_eq!(pairs.filter(|(a, b)| a != b).count(), 20);
    }
}
