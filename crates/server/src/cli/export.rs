//! `ringdeskd export`.

use clap::{Args, ValueEnum};
use ringdesk_inbox::{Access, Clock, Inbox};
use serde_json::{Map, Value};
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::PathBuf,
};

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Jsonl,
    Csv,
}

#[derive(Args)]
pub(crate) struct Export {
    /// Where everything is kept.
    #[arg(long)]
    data_dir: PathBuf,
    /// One JSON object a line, or texts as a table.
    #[arg(long, value_enum, default_value = "jsonl")]
    format: Format,
    /// A file; stdout when left out.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Columns of the table; it holds texts only.
const COLUMNS: [&str; 8] = ["at", "direction", "from", "to", "body", "status", "error_code", "provider_sid"];

impl Export {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let inbox = Inbox::open(&self.data_dir, Access::Read, Clock::System).await?;
        let out: Box<dyn Write + Send> = match &self.out {
            Some(path) => Box::new(private(path)?),
            None => Box::new(io::stdout()),
        };
        let mut out = BufWriter::new(out);
        let format = self.format;
        if matches!(format, Format::Csv) {
            writeln!(out, "{}", COLUMNS.join(","))?;
        }
        let mut take = |object: Map<String, Value>| -> anyhow::Result<()> {
            match format {
                Format::Jsonl => {
                    serde_json::to_writer(&mut out, &object)?;
                    out.write_all(b"\n")?;
                }
                Format::Csv if object["type"] == "text" => {
                    let cells: Vec<String> = COLUMNS.iter().map(|name| cell(&object[*name])).collect();
                    writeln!(out, "{}", cells.join(","))?;
                }
                Format::Csv => {}
            }
            Ok(())
        };
        inbox.export(&mut take).await?;
        out.flush()?;
        inbox.close().await;
        Ok(())
    }
}

/// A cell that no spreadsheet takes for a formula.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => return other.to_string(),
    };
    let risky = text.starts_with(['=', '@', '\t', '\r'])
        || (text.starts_with(['+', '-']) && !text[1..].bytes().all(|b| b.is_ascii_digit()));
    let guard = if risky { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

fn private(path: &std::path::Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_in_a_text_stays_a_text() {
        assert_eq!(cell(&"=HYPERLINK(1)".into()), "\"'=HYPERLINK(1)\"");
        assert_eq!(cell(&"+14155550142".into()), "\"+14155550142\"");
        assert_eq!(cell(&"+1+cmd".into()), "\"'+1+cmd\"");
        assert_eq!(cell(&"say \"hi\"".into()), "\"say \"\"hi\"\"\"");
        assert_eq!(cell(&7.into()), "7");
    }
}
