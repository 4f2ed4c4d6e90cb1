//! CSV (RFC 4180) that spreadsheets show and do not calculate: ids, titles and names of accounts
//! are what others sent.

/// One record: quoted where it must be, ended by CRLF. A cell that a spreadsheet would take for a
/// formula has an apostrophe before it; a number is none.
pub fn record(cells: &[String]) -> String {
    let quoted = cells.iter().map(|cell| {
        let mark = if is_formula(cell) { "'" } else { "" };
        if cell.contains([',', '"', '\r', '\n']) {
            format!("\"{mark}{}\"", cell.replace('"', "\"\""))
        } else {
            format!("{mark}{cell}")
        }
    });
    quoted.collect::<Vec<_>>().join(",") + "\r\n"
}

fn is_formula(cell: &str) -> bool {
    let is_signed = cell.starts_with(['-', '+']);
    let is_number = || cell[1..].bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    cell.starts_with(['=', '@', '\t', '\r']) || (is_signed && !is_number())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_none_is_a_formula() {
        for (cells, line) in [
            (vec!["a", "b"], "a,b\r\n"),
            (vec!["a,b", "c\"d"], "\"a,b\",\"c\"\"d\"\r\n"),
            (vec!["two\nlines", ""], "\"two\nlines\",\r\n"),
            (vec!["-12.30", "+5", "-", "0"], "-12.30,+5,-,0\r\n"),
            (vec!["=1+1", "@SUM(A1)", "-1+1"], "'=1+1,'@SUM(A1),'-1+1\r\n"),
            (vec!["=HYPERLINK(\"x\")", "\t=1"], "\"'=HYPERLINK(\"\"x\"\")\",'\t=1\r\n"),
            (vec!["+1|a", "a=b"], "'+1|a,a=b\r\n"),
        ] {
            let cells: Vec<String> = cells.into_iter().map(str::to_owned).collect();
            assert_eq!(record(&cells), line);
        }
    }
}
