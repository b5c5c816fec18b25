//! `ringdeskd export`.

use super::WrongUsage;
use anyhow::Context;
use clap::{Args, ValueEnum};
use ringdesk_domain::ConversationId;
use ringdesk_inbox::{Access, Clock, Inbox, csv_cell};
use serde_json::{Map, Value};
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Jsonl,
    Csv,
    Html,
}

#[derive(Args)]
pub(crate) struct Export {
    /// Where everything is kept.
    #[arg(long)]
    data_dir: PathBuf,
    /// One JSON object a line; texts, or one conversation, as a table; one conversation as a page.
    #[arg(long, value_enum, default_value = "jsonl")]
    format: Format,
    /// Only this conversation, by its id; as csv or html.
    #[arg(long, value_name = "ID")]
    conversation: Option<ConversationId>,
    /// Also copies all pictures and sounds into this folder, each named by the SHA-256 of what it holds.
    #[arg(long, value_name = "FOLDER", conflicts_with = "conversation")]
    media: Option<PathBuf>,
    /// A file; stdout when left out.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Columns of the table of everything; it holds texts only.
const COLUMNS: [&str; 8] = ["at", "direction", "from", "to", "body", "status", "error_code", "provider_sid"];

impl Export {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match (self.format, self.conversation) {
            (Format::Jsonl, Some(_)) => {
                let what = "--conversation goes with --format csv or html: jsonl is everything";
                return Err(WrongUsage(what.into()).into());
            }
            (Format::Html, None) => {
                let what = "--format html is one conversation: say which by --conversation ID";
                return Err(WrongUsage(what.into()).into());
            }
            _ => {}
        }
        let inbox = Inbox::open(&self.data_dir, Access::Read, Clock::System).await?;
        let out: Box<dyn Write + Send> = match &self.out {
            Some(path) => Box::new(private(path)?),
            None => Box::new(io::stdout()),
        };
        let mut out = BufWriter::new(out);
        match self.conversation {
            Some(id) => {
                let written = match self.format {
                    Format::Html => inbox.write_page(id, out).await,
                    Format::Csv | Format::Jsonl => inbox.write_table(id, out).await,
                };
                out = written.with_context(|| format!("conversation {id}"))?;
            }
            None => everything(&inbox, self.format, &mut out).await?,
        }
        out.flush()?;
        if let Some(folder) = &self.media {
            inbox.export_media(folder).await?;
        }
        inbox.close().await;
        Ok(())
    }
}

async fn everything(inbox: &Inbox, format: Format, out: &mut impl Write) -> anyhow::Result<()> {
    if format == Format::Csv {
        writeln!(out, "{}", COLUMNS.join(","))?;
    }
    let mut take = |object: Map<String, Value>| -> anyhow::Result<()> {
        if format == Format::Jsonl {
            serde_json::to_writer(&mut *out, &object)?;
            out.write_all(b"\n")?;
        } else if object["type"] == "text" {
            let cells: Vec<String> = COLUMNS.iter().map(|name| csv_cell(&object[*name])).collect();
            writeln!(out, "{}", cells.join(","))?;
        }
        Ok(())
    };
    inbox.export(&mut take).await
}

fn private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}
