//! The decimal test vectors of the General Decimal Arithmetic suite against [`Decimal`].
//!
//! Theirs is floating: a result is rounded to the digits of a context, exponents are free, and
//! there are infinities. Ours is exact within 38 digits and decimals, or refuses. So each vector
//! is worked out exactly, brought to the digits of its context by our own rounding, and compared
//! by value. What ours must refuse is refused; what ours does not have is counted by its reason.
#![allow(clippy::unwrap_used)] // a failed unwrap is a failed test

use ledger::{Decimal, DecimalError, Rounding};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Why a vector says nothing about ours: a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Skip {
    /// The operation is not one of ours: power, engineering notation.
    NoSuchOperation,
    /// The mode `05up`, which ours does not have.
    NoSuchMode,
    /// An operand or the result is infinite or not a number.
    NotFinite,
    /// An operand has more digits or a wider exponent than any of ours.
    OperandTooWide,
    /// The result is what the limits of their context make of it: subnormal or clamped.
    ContextLimits,
    /// The result before their rounding needs more digits than ours has, and is refused.
    Refused,
    /// They refuse because of the digits of their context, which ours does not have.
    ContextDigits,
    /// The text is theirs alone: an exponent, a sign +, a point at an end.
    OtherSyntax,
}

#[derive(Debug)]
enum Verdict {
    Agrees,
    Skipped(Skip),
    Differs(String),
}

/// What a vector is worked out under.
#[derive(Clone, Copy)]
struct Context {
    precision: usize,
    rounding: Rounding,
    /// Whether the mode is one of ours.
    is_known: bool,
}

fn testdata() -> Option<PathBuf> {
    let shared = std::env::var_os("SALDO_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    Some(shared.join("data/peer-dectest/testdata")).filter(|path| path.is_dir())
}

#[test]
fn the_vectors_of_the_suite() {
    let Some(directory) = testdata() else {
        println!("ignored: no data/peer-dectest in the shared directory");
        return;
    };
    let mut files: Vec<_> =
        std::fs::read_dir(directory).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let (mut agreed, mut vectors) = (BTreeMap::new(), 0);
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let counts = run(&name, &text);
        let of_file: usize = counts.values().sum();
        println!("{name}: {of_file} vectors: {}", told(&counts));
        let expected = text.lines().filter(|line| is_vector(line)).count();
        assert_eq!(of_file, expected, "{name}: a vector was passed over");
        vectors += of_file;
        for (what, count) in counts {
            *agreed.entry(what).or_insert(0) += count;
        }
    }
    println!("all: {vectors} vectors: {}", told(&agreed));
    // The suite as it lies in the shared directory: other counts mean a vector changed its class.
    assert_eq!((files.len(), vectors, agreed.get(&None)), (7, 6_916, Some(&4_187)));
}

type Counts = BTreeMap<Option<Skip>, usize>;

fn told(counts: &Counts) -> String {
    let word = |what: &Option<Skip>| what.map_or("Agrees".to_owned(), |skip| format!("{skip:?}"));
    let each = counts.iter().map(|(what, count)| format!("{} {count}", word(what)));
    each.collect::<Vec<_>>().join(", ")
}

fn is_vector(line: &str) -> bool {
    !line.trim_start().starts_with("--") && line.contains("->")
}

fn run(file: &str, text: &str) -> Counts {
    let mut context = Context { precision: 9, rounding: Rounding::HalfUp, is_known: true };
    let mut counts = Counts::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("--") {
            continue;
        }
        if !is_vector(line) {
            context = directive(context, line);
            continue;
        }
        let words = words(line);
        let what = match verdict(context, &words) {
            Verdict::Agrees => None,
            Verdict::Skipped(skip) => Some(skip),
            Verdict::Differs(found) => panic!("{file}: {line}\n  ours: {found}"),
        };
        *counts.entry(what).or_insert(0) += 1;
    }
    counts
}

fn directive(mut context: Context, line: &str) -> Context {
    let line = line.split("--").next().unwrap_or_default().to_ascii_lowercase();
    let Some((name, value)) = line.split_once(':') else { return context };
    match (name.trim(), value.trim()) {
        ("precision", digits) => context.precision = digits.parse().unwrap(),
        ("rounding", mode) => {
            context.is_known = mode != "05up";
            context.rounding = match mode {
                "half_up" => Rounding::HalfUp,
                "half_even" => Rounding::HalfEven,
                "half_down" => Rounding::HalfDown,
                "down" | "05up" => Rounding::Down,
                "up" => Rounding::Up,
                "floor" => Rounding::Floor,
                "ceiling" => Rounding::Ceiling,
                other => panic!("the mode {other} is new"),
            };
        }
        ("maxexponent" | "minexponent" | "version" | "extended" | "clamp", _) => {}
        (other, _) => panic!("the directive {other} is new"),
    }
    context
}

/// The words of a vector; a quoted one is one word, without its quotes, and a doubled quote in it
/// is one of its characters.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next().filter(|_| !rest.starts_with("--")) {
        let mut word = String::new();
        if matches!(first, '\'' | '"') {
            rest = &rest[1..];
            loop {
                let (piece, after) = rest.split_once(first).unwrap();
                word.push_str(piece);
                rest = after;
                match rest.strip_prefix(first) {
                    Some(after) => (word, rest) = (word + &first.to_string(), after),
                    None => break,
                }
            }
        } else {
            let (piece, after) =
                rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()));
            (word, rest) = (piece.to_owned(), after);
        }
        words.push(word);
        rest = rest.trim_start();
    }
    words
}

fn verdict(context: Context, words: &[String]) -> Verdict {
    let arrow = words.iter().position(|word| word == "->").unwrap();
    let operation = words[1].to_ascii_lowercase();
    let (operands, wanted) = (&words[2..arrow], words[arrow + 1].as_str());
    let conditions = &words[arrow + 2..];
    let of_limits = ["subnormal", "clamped", "underflow", "overflow"];
    let has = |names: &[&str]| {
        conditions.iter().any(|word| names.contains(&word.to_ascii_lowercase().as_str()))
    };
    if matches!(operation.as_str(), "power" | "toeng") {
        return Verdict::Skipped(Skip::NoSuchOperation);
    }
    if !context.is_known {
        return Verdict::Skipped(Skip::NoSuchMode);
    }
    if operation == "tosci" {
        let [given] = operands else { return unreadable(words) };
        let is_syntax = has(&["conversion_syntax"]);
        return if is_syntax { no_number(given) } else { text(context, given, wanted) };
    }
    if has(&of_limits) {
        return Verdict::Skipped(Skip::ContextLimits);
    }
    let mut read = Vec::new();
    for operand in operands {
        match Wide::read(operand) {
            None => return Verdict::Skipped(Skip::NotFinite),
            Some(wide) => match wide.ours() {
                None => return Verdict::Skipped(Skip::OperandTooWide),
                Some(ours) => read.push((wide, ours)),
            },
        }
    }
    if let ("apply", [(_, only)]) = (operation.as_str(), &read[..]) {
        return arithmetic(context, Ok(*only), 0, wanted);
    }
    let [(_, x), (pattern, y)] = read[..] else { return unreadable(words) };
    let (sum, product) = (digits_of_sum(x, y), digits_of_product(x, y));
    match operation.as_str() {
        "quantize" => quantize(context, x, pattern.exponent, wanted),
        "compare" => compare(x, y, wanted),
        "add" => arithmetic(context, x.checked_add(y), sum, wanted),
        "subtract" => arithmetic(context, x.checked_sub(y), sum, wanted),
        "multiply" => arithmetic(context, x.checked_mul(y), product, wanted),
        "divide" => divide(context, x, y, wanted),
        other => Verdict::Differs(format!("the operation {other} is new")),
    }
}

fn unreadable(words: &[String]) -> Verdict {
    Verdict::Differs(format!("operands {words:?}"))
}

/// A finite number of theirs: digits and an exponent.
#[derive(Clone, Copy, Debug)]
struct Wide {
    coefficient: i128,
    exponent: i32,
    /// More digits than a coefficient of ours takes.
    too_long: bool,
}

impl Wide {
    /// `None` for an infinity or no number at all.
    fn read(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let (negative, rest) = match lower.as_bytes().first()? {
            b'-' => (true, &lower[1..]),
            b'+' => (false, &lower[1..]),
            _ => (false, &lower[..]),
        };
        let (digits, exponent) = match rest.split_once('e') {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (rest, 0),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let all = format!("{whole}{part}");
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let exponent = exponent.saturating_sub(i32::try_from(part.len()).ok()?);
        let coefficient = all.parse::<i128>();
        let too_long = coefficient.is_err();
        let coefficient = coefficient.unwrap_or_default();
        let coefficient = if negative { -coefficient } else { coefficient };
        Some(Self { coefficient, exponent, too_long })
    }

    /// The same value as ours writes it; `None` where ours has no such number.
    fn ours(self) -> Option<Decimal> {
        if self.too_long {
            return None;
        }
        if self.coefficient == 0 {
            return Some(Decimal::ZERO);
        }
        if self.exponent <= 0 {
            let scale = u8::try_from(self.exponent.unsigned_abs()).ok()?;
            return Decimal::new(self.coefficient, scale).ok();
        }
        let factor = 10i128.checked_pow(u32::try_from(self.exponent).ok()?)?;
        Decimal::new(self.coefficient.checked_mul(factor)?, 0).ok()
    }
}

/// The value wanted, or why there is none of ours.
fn wanted_value(wanted: &str) -> Result<Decimal, Skip> {
    let wide = Wide::read(wanted).ok_or(Skip::NotFinite)?;
    wide.ours().ok_or(Skip::OperandTooWide)
}

fn same(found: Decimal, wanted: &str) -> Verdict {
    match wanted_value(wanted) {
        Err(skip) => Verdict::Skipped(skip),
        Ok(value) if value == found => Verdict::Agrees,
        Ok(_) => Verdict::Differs(found.to_string()),
    }
}

fn digits(number: Decimal) -> usize {
    number.coefficient().unsigned_abs().to_string().len()
}

/// The power of ten of the highest digit and of the lowest one that is not 0, each side of it.
fn extent(number: Decimal) -> (i32, i32) {
    let short = number.canonical();
    let low = -i32::from(short.scale());
    (low + i32::try_from(digits(short)).unwrap(), low)
}

/// Digits that an exact sum may need, decimals included; one more where it carries.
fn digits_of_sum(a: Decimal, b: Decimal) -> usize {
    let ((high_a, low_a), (high_b, low_b)) = (extent(a), extent(b));
    usize::try_from(high_a.max(high_b) - low_a.min(low_b) + 1).unwrap()
}

/// Digits, or decimals if they are more, that an exact product may need.
fn digits_of_product(a: Decimal, b: Decimal) -> usize {
    let (a, b) = (a.canonical(), b.canonical());
    (digits(a) + digits(b)).max(usize::from(a.scale()) + usize::from(b.scale()))
}

/// Rounds to a power of ten, as our `round` does it with decimals. Ours has no scale for tens and
/// hundreds, so there the point is moved, and back afterwards.
fn to_exponent(exact: Decimal, exponent: i32, mode: Rounding) -> Result<Decimal, DecimalError> {
    let Ok(tens) = u8::try_from(exponent) else {
        return exact.round(u8::try_from(exponent.saturating_neg()).unwrap_or(u8::MAX), mode);
    };
    let scale = exact.scale().checked_add(tens).ok_or(DecimalError::Overflow)?;
    let whole = Decimal::new(exact.coefficient(), scale)?.round(0, mode)?;
    let factor = 10i128.checked_pow(tens.into()).ok_or(DecimalError::Overflow)?;
    whole.checked_mul(Decimal::new(factor, 0)?)
}

fn to_context(context: Context, exact: Decimal) -> Result<Decimal, DecimalError> {
    let over = i32::try_from(digits(exact).saturating_sub(context.precision)).unwrap();
    if over == 0 {
        return Ok(exact);
    }
    to_exponent(exact, over - i32::from(exact.scale()), context.rounding)
}

/// A result that was worked out exactly; `needed` digits are what may make ours refuse it.
fn arithmetic(
    context: Context,
    exact: Result<Decimal, DecimalError>,
    needed: usize,
    wanted: &str,
) -> Verdict {
    match exact.and_then(|exact| to_context(context, exact)) {
        Ok(found) => same(found, wanted),
        Err(DecimalError::Overflow) if needed > 38 => Verdict::Skipped(Skip::Refused),
        Err(error) => Verdict::Differs(format!("{error:?}")),
    }
}

fn compare(a: Decimal, b: Decimal, wanted: &str) -> Verdict {
    let found = match a.cmp(&b) {
        Ordering::Less => "-1",
        Ordering::Equal => "0",
        Ordering::Greater => "1",
    };
    if found == wanted { Verdict::Agrees } else { Verdict::Differs(found.to_owned()) }
}

/// Divides to the digits of the context: how many decimals leave that many follows from the
/// lengths of both, give or take one.
fn divide(context: Context, a: Decimal, b: Decimal, wanted: &str) -> Verdict {
    if b.is_zero() {
        let refused = a.checked_div(b, 0, context.rounding) == Err(DecimalError::DivisionByZero);
        return if refused { Verdict::Agrees } else { Verdict::Differs("divided".to_owned()) };
    }
    let whole = extent(a).0 - extent(b).0;
    let precision = i32::try_from(context.precision).unwrap();
    for scale in [precision - whole, precision - whole - 1] {
        let moved = u8::try_from(-scale).unwrap_or_default();
        let mode = context.rounding;
        // Quotients of whole tens: the point of the dividend is moved, as in `to_exponent`.
        let dividend = Decimal::new(a.coefficient(), a.scale() + moved);
        let scale = u8::try_from(scale).unwrap_or_default();
        let found = dividend.and_then(|dividend| dividend.checked_div(b, scale, mode));
        let back = Decimal::new(10i128.pow(moved.into()), 0).unwrap();
        match found {
            Ok(found) if digits(found) <= context.precision => {
                return same(found.checked_mul(back).unwrap(), wanted);
            }
            Ok(_) => {}
            Err(DecimalError::Overflow) if scale > 38 => return Verdict::Skipped(Skip::Refused),
            Err(error) => return Verdict::Differs(format!("{error:?}")),
        }
    }
    Verdict::Differs("too many digits".to_owned())
}

fn quantize(context: Context, a: Decimal, exponent: i32, wanted: &str) -> Verdict {
    let found = to_exponent(a, exponent, context.rounding);
    let length = usize::try_from(extent(a).0.saturating_sub(exponent)).unwrap_or_default();
    match found {
        Err(DecimalError::Overflow) if length > 37 || exponent.unsigned_abs() > 38 => {
            Verdict::Skipped(Skip::Refused)
        }
        Err(error) => Verdict::Differs(format!("{error:?}")),
        // Theirs refuses what has more digits than the context; ours has only its own bound.
        Ok(_) if wanted.eq_ignore_ascii_case("nan") && length >= context.precision => {
            Verdict::Skipped(Skip::ContextDigits)
        }
        Ok(found) => match wanted_value(wanted) {
            Err(_) => Verdict::Differs(found.to_string()),
            Ok(_) => same(found, wanted),
        },
    }
}

/// What they refuse to read, ours refuses too.
fn no_number(given: &str) -> Verdict {
    match given.parse::<Decimal>() {
        Err(DecimalError::Syntax) => Verdict::Agrees,
        other => Verdict::Differs(format!("{other:?}")),
    }
}

/// Texts: what ours reads, it writes as they do, and comes to the same after their rounding; what
/// it does not read is either no finite number, or a way of writing that only they have.
fn text(context: Context, given: &str, wanted: &str) -> Verdict {
    match given.parse::<Decimal>() {
        Ok(found) if found.to_string() == wanted => Verdict::Agrees,
        Ok(found) => arithmetic(context, Ok(found), 0, wanted),
        Err(DecimalError::Overflow) => match Wide::read(given) {
            Some(wide) if wide.ours().is_none() => Verdict::Skipped(Skip::OperandTooWide),
            _ => Verdict::Differs("refused".to_owned()),
        },
        Err(DecimalError::Syntax) => match Wide::read(given) {
            Some(_) => Verdict::Skipped(Skip::OtherSyntax),
            None => Verdict::Skipped(Skip::NotFinite),
        },
        Err(error) => Verdict::Differs(format!("{error:?}")),
    }
}
