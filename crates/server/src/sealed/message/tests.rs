//! The test cases of RFC 9421, appendix B.2, that are about requests.
#![allow(clippy::unwrap_used)] // a failing unwrap fails the test

use super::*;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// `test-key-rsa-pss` of appendix B.1.2, as `SubjectPublicKeyInfo`.
const RSA: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2\
    +QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+\
    oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq\
    gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W\
    Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4\
    aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI\
    2wIDAQAB";
/// `test-key-ed25519` of appendix B.1.4.
const ED25519_KEY: &str = "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=";
/// `test-shared-secret` of appendix B.1.5.
const SHARED: &str =
    "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==";
const B_2_1: &str = "d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopem\
    LJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG\
    52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx\
    2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6\
    UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3\
    +7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==";
const B_2_2: &str = "LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQ\
    EdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4+ECxCmT\
    8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SA\
    RYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fjBSpqfZUJcsIk4N6wiKYd\
    4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoK\
    UqiYY8Bh0aaUEb0rQl3/XaVe4bXTugEjHSw==";
const B_2_3: &str = "bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yB\
    iMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fU\
    xN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1\
    pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9\
    bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5Z\
    JzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==";
const B_2_5: &str = "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=";
const B_2_6: &str = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQ\
    v5lIp5WPpBKRCw==";

/// `test-request` of appendix B.2, with a signature.
fn request(input: &str, signature: &str) -> (Uri, HeaderMap) {
    let mut headers = HeaderMap::new();
    let digest = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdV\
                  LvRwEmTHWXvJwew==:";
    let (input, signature) = (format!("sig={input}"), format!("sig=:{signature}:"));
    for (name, value) in [
        ("host", "example.com"),
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("content-type", "application/json"),
        ("content-digest", digest),
        ("content-length", "18"),
        ("signature-input", &input),
        ("signature", &signature),
    ] {
        headers.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    ("/foo?param=Value&Pet=dog".parse().unwrap(), headers)
}

fn check(input: &str, signature: &str, holds: impl Fn(&[u8], &[u8]) -> bool) -> bool {
    let (uri, headers) = request(input, signature);
    let message = Message { method: &Method::POST, uri: &uri, headers: &headers };
    let stated = stated(&headers).unwrap().unwrap();
    let base = stated.base(&message, "https").unwrap();
    holds(base.as_bytes(), stated.signature())
}

/// Whether a signature holds over a base.
type Holds<'t> = &'t dyn Fn(&[u8], &[u8]) -> bool;

#[test]
fn the_test_cases_of_the_rfc_hold() {
    let (rsa, ed25519) = (STANDARD.decode(RSA).unwrap(), STANDARD.decode(ED25519_KEY).unwrap());
    let shared = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(SHARED).unwrap());
    let pss = |base: &[u8], tag: &[u8]| Algorithm::RsaPss.holds(&rsa, base, tag);
    let edwards = |base: &[u8], tag: &[u8]| Algorithm::Ed25519.holds(&ed25519, base, tag);
    let keyed = |base: &[u8], tag: &[u8]| hmac::verify(&shared, base, tag).is_ok();
    let at = "created=1618884473;keyid=\"test-key-rsa-pss\"";
    let full = format!(
        "(\"date\" \"@method\" \"@path\" \"@query\" \"@authority\" \"content-type\" \
         \"content-digest\" \"content-length\");{at}"
    );
    let edwards_input = "(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \
                         \"content-length\");created=1618884473;keyid=\"test-key-ed25519\"";
    let cases: [(&str, String, &str, Holds<'_>); 5] = [
        ("B.2.1", format!("();{at};nonce=\"b3k2pp5k7z-50gnwp.yemd\""), B_2_1, &pss),
        (
            "B.2.2",
            format!(
                "(\"@authority\" \"content-digest\" \"@query-param\";name=\"Pet\");{at};\
                 tag=\"header-example\""
            ),
            B_2_2,
            &pss,
        ),
        ("B.2.3", full, B_2_3, &pss),
        (
            "B.2.5",
            "(\"date\" \"@authority\" \"content-type\");created=1618884473;\
             keyid=\"test-shared-secret\""
                .to_owned(),
            B_2_5,
            &keyed,
        ),
        ("B.2.6", edwards_input.to_owned(), B_2_6, &edwards),
    ];
    for (name, input, signature, holds) in &cases {
        assert!(check(input, signature, holds), "{name}");
        let later = input.replace("1618884473", "1618884474");
        assert!(!check(&later, signature, holds), "{name}: what is signed was changed");
    }
}

#[test]
fn what_cannot_be_built_or_read_is_no_signature() {
    let base = |input: &str| {
        let (uri, headers) = request(input, "AAAA");
        let message = Message { method: &Method::POST, uri: &uri, headers: &headers };
        let stated = stated(&headers).map_err(str::to_owned)?.unwrap();
        stated.base(&message, "https")
    };
    for (input, holds) in [
        ("(\"@target-uri\" \"@scheme\" \"@request-target\")", true),
        ("(\"x-absent\")", false),
        ("(\"@status\")", false),
        ("(\"@unknown\")", false),
        ("(\"Date\")", false),
        ("(\"date\" \"date\")", false),
        ("(\"date\";bs)", false),
        ("(\"@query-param\";name=\"Absent\")", false),
        ("(date)", false),
        ("\"date\"", false),
    ] {
        assert_eq!(base(input).is_ok(), holds, "{input}");
    }
    let found = base("(\"@target-uri\")").unwrap();
    assert!(found.starts_with("\"@target-uri\": https://example.com/foo?param=Value&Pet=dog\n"));
    let (_, mut headers) = request("()", "AAAA");
    headers.insert("signature", "other=:AAAA:".parse().unwrap());
    assert!(stated(&headers).is_err(), "the label must be the same");
    headers.remove("signature-input");
    assert!(stated(&headers).unwrap().is_none());
}
