//! Lines of the gaming book, short to write.

/// `source` is not said: the ingest names it. `rest` is more of the object, with its commas.
pub fn line(id: &str, kind: &str, amount: &str, minute: u32, rest: &str) -> String {
    let (day, hour, minute) = (1 + minute / 1440, minute / 60 % 24, minute % 60);
    let at = format!("2026-03-{day:02}T{hour:02}:{minute:02}:00Z");
    let money = match amount {
        "-" => String::new(),
        amount => format!("\"amount\":\"{amount}\",\"asset\":\"EUR\","),
    };
    format!(
        "{{\"id\":\"{id}\",\"kind\":\"{kind}\",\"occurred_at\":\"{at}\",{money}\
         \"dims\":{{\"provider\":\"studio-0\",\"game\":\"crash\",\"player\":\"p-{id}\"}}{rest}}}"
    )
}

/// A bet.
pub fn bet(id: &str, amount: &str, minute: u32) -> String {
    line(id, "bet", amount, minute, "")
}

/// An event about another one of the same source.
pub fn about(id: &str, kind: &str, amount: &str, minute: u32, original: &str) -> String {
    line(id, kind, amount, minute, &format!(",\"ref\":\"{original}\""))
}
