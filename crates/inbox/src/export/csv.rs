//! Tables for spreadsheets: whatever a customer wrote stays text.

use serde_json::Value;
use std::io::{self, Write};

/// By which programs know that a table is in UTF-8.
const UTF_8: &str = "\u{feff}";
/// What a spreadsheet takes for the beginning of a formula; also as written in East Asian width.
const FORMULA: [char; 6] = ['=', '@', '＝', '＠', '＋', '－'];
/// After which a cell begins in a spreadsheet that separates by something else, or that does not mind the
/// quotation marks.
const ENDS: [char; 4] = [';', '\t', '\r', '\n'];

/// A cell of a table that no spreadsheet takes for a formula: of a text quoted, of a number as it is.
pub fn csv_cell(value: &Value) -> String {
    match value {
        Value::Null => cell(""),
        Value::String(text) => cell(text),
        Value::Number(number) => number.to_string(),
        other => cell(&other.to_string()),
    }
}

/// A cell with a text.
pub(crate) fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len() + 2);
    cell.push('"');
    for part in text.split_inclusive(ENDS) {
        if is_formula(part.trim_end_matches(ENDS)) {
            cell.push('\'');
        }
        cell.push_str(&part.replace('"', "\"\""));
    }
    cell.push('"');
    cell
}

/// Whether a spreadsheet that begins a cell here may calculate it.
fn is_formula(part: &str) -> bool {
    // What it may drop before it looks.
    let part = part.trim_start_matches(|c: char| c.is_whitespace() || c.is_control() || c == '"');
    match part.strip_prefix(['+', '-']) {
        // A number with its sign is none.
        Some(rest) => !rest.bytes().all(|b| b.is_ascii_digit()),
        None => part.starts_with(FORMULA),
    }
}

/// Begins a table that people open.
pub(crate) fn begin(out: &mut impl Write, columns: &[&str]) -> io::Result<()> {
    write!(out, "{UTF_8}{}\r\n", columns.join(","))
}

/// Writes a row of such a table.
pub(crate) fn row<'a>(out: &mut impl Write, cells: impl IntoIterator<Item = &'a str>) -> io::Result<()> {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    write!(out, "{}\r\n", cells.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_in_a_text_stays_a_text() {
        for (text, written) in [
            ("=HYPERLINK(1)", "\"'=HYPERLINK(1)\""),
            ("+14155550142", "\"+14155550142\""),
            ("-5", "\"-5\""),
            ("+1+cmd", "\"'+1+cmd\""),
            ("-2+3", "\"'-2+3\""),
            ("@SUM(1)", "\"'@SUM(1)\""),
            ("\t=1", "\"\t'=1\""),
            ("\n=1", "\"\n'=1\""),
            (" =1", "\"' =1\""),
            ("＝1+1", "\"'＝1+1\""),
            ("hi;=HYPERLINK(1)", "\"hi;'=HYPERLINK(1)\""),
            ("a\n=1+1", "\"a\n'=1+1\""),
            ("a\r\n@SUM(1)\r+1+1\t-2+3", "\"a\r\n'@SUM(1)\r'+1+1\t'-2+3\""),
            ("hi;\"=1+1\"", "\"hi;'\"\"=1+1\"\"\""),
            ("a;b; ＝1+1", "\"a;b;' ＝1+1\""),
            ("me;+14155550142;-5;", "\"me;+14155550142;-5;\""),
            ("1=1; 2 + 2", "\"1=1; 2 + 2\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("a,b\nc", "\"a,b\nc\""),
            ("", "\"\""),
        ] {
            assert_eq!(csv_cell(&text.into()), written, "{text:?}");
        }
        assert_eq!(csv_cell(&7.into()), "7");
        assert_eq!(csv_cell(&Value::Null), "\"\"");
        assert_eq!(csv_cell(&serde_json::json!([1, "a"])), "\"[1,\"\"a\"\"]\"");
    }
}
