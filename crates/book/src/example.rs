//! The example books, one per field of business, as part of the program: `saldo init` copies them.

/// The operator's name in every template; whoever copies one replaces it in `operator.yaml`.
pub const OPERATOR_PLACEHOLDER: &str = "operator-name";

/// Names of the templates.
pub const TEMPLATES: &[&str] = &["gaming", "marketplace", "app-store", "payments"];

macro_rules! book {
    ($field:literal: $($path:literal)*) => {
        vec![$((
            $path,
            include_str!(concat!("../../../examples/", $field, "/book/", $path)),
        )),*]
    };
}

/// The files of the template `name`: path in the book's directory, and text.
pub fn template(name: &str) -> Option<Vec<(&'static str, &'static str)>> {
    Some(match name {
        "gaming" => book!("gaming":
            "operator.yaml" "assets.yaml" "dims.yaml" "parties.yaml" "sources.yaml" "kinds.yaml"
            "measures.yaml" "agreements/bustabit-share.yaml" "agreements/play-n-go-share.yaml"
            "agreements/shop-network-share.yaml" "agreements/studio-0-share.yaml"),
        "marketplace" => book!("marketplace":
            "operator.yaml" "assets.yaml" "dims.yaml" "parties.yaml" "sources.yaml" "kinds.yaml"
            "measures.yaml" "agreements/acquirer-fee.yaml"
            "agreements/online-retail-commission.yaml" "agreements/seller-1-payout.yaml"),
        "app-store" => book!("app-store":
            "operator.yaml" "assets.yaml" "dims.yaml" "parties.yaml" "sources.yaml" "kinds.yaml"
            "measures.yaml" "agreements/dev-0-payout.yaml" "agreements/dev-1-payout.yaml"),
        "payments" => book!("payments":
            "operator.yaml" "assets.yaml" "dims.yaml" "parties.yaml" "sources.yaml" "kinds.yaml"
            "measures.yaml" "agreements/merchant-0-settlement.yaml"
            "agreements/merchant-3-fee.yaml"),
        _ => return None,
    })
}
