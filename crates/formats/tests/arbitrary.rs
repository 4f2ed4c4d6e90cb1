//! Any bytes through every decoder, and near-misses of each format.
#![allow(clippy::unwrap_used)] // a test may panic

use formats::{fuzz_csv, fuzz_json, fuzz_mapping, fuzz_parquet, fuzz_scan, fuzz_schema, fuzz_xlsx};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn bytes(data: Vec<u8>) {
        let rows = [fuzz_csv, fuzz_json, fuzz_parquet, fuzz_xlsx];
        for fuzz in rows.into_iter().chain([fuzz_mapping, fuzz_scan, fuzz_schema]) {
            fuzz(&data);
        }
    }

    #[test]
    fn nearly_csv(text in "([a-c0-9,\"\n\r.-]|skip|NA|2026-01-01|1\\.234,5){0,60}") {
        fuzz_csv(text.as_bytes());
    }

    #[test]
    fn nearly_json(
        text in "([\\[\\]{}:,\n ]|\"[abc]\"|\"2026-01-01\"|null|-1.5e3|\"[ -~]{0,3}\"){0,60}",
    ) {
        fuzz_json(text.as_bytes());
        fuzz_scan(text.as_bytes());
    }

    #[test]
    fn nearly_schemas(
        kind in "[AJP]",
        old in "([{}\\[\\]:,]|\"(type|name|fields|properties|items|\\$ref|#|oneOf|record|r|int|\
            array|object|minimum|enum|allOf|not)\"|1|true|null){0,40}",
        new in "(syntax=\"proto3\";|message M|\\{|\\}|int32 a = 1;|M m = 2;|oneof x| |\
            repeated ){0,20}",
    ) {
        fuzz_schema(format!("{kind}{old}\0{new}\0{old}").as_bytes());
        fuzz_schema(format!("{kind}{new}\0{old}\0{{}}").as_bytes());
    }

    #[test]
    fn nearly_mappings(
        expression in "(a|b|`c d`|j\\.x|\\$\\.q|\\^\\.r|@row|1\\.5|'t'|[-+*/()=<>,]|\
            and |or |not |round|div|map|present| ){0,24}",
        format in "csv|json|ndjson|xlsx|avro",
    ) {
        let yaml = format!(
            "source: s\nformat: {format}\noccurred_at: 2026-01-01T00:00:00Z\nasset: EUR\nevents:\n\
             \x20 - when: \"{expression}\"\n    kind: k\n\
             \x20   id: \"x{{{expression}}}\"\n    amount: \"{expression}\"\n"
        );
        fuzz_mapping(yaml.as_bytes());
    }
}
