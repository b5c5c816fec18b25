//! Pictures of the window with what they show, and a page that leads through them.

use ringdesk_tests::{desktop::Window, programs::repository};
use std::{fmt::Write, fs, io, path::PathBuf, time::Instant};

/// The driver takes no picture of a page that is drawn without its buffers.
pub(crate) const DRAWN: (&str, &str) = ("WEBKIT_DISABLE_DMABUF_RENDERER", "0");

/// Pictures with what they show.
pub(crate) struct Album {
    folder: PathBuf,
    began: Instant,
    pages: Vec<(String, String, f32)>,
    looks: bool,
}

impl Album {
    /// An empty one. In every look it is `docs/pictures`, in full colours: by day, by night, in a small window
    /// and with letters twice as large.
    pub(crate) fn new(looks: bool) -> anyhow::Result<Self> {
        let folder = repository().join(if looks { "target/pictures" } else { "target/demo" });
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => fs::create_dir_all(&folder)?,
        }
        Ok(Self { folder, began: Instant::now(), pages: Vec::new(), looks })
    }

    /// Whether each view is taken in every look.
    pub(crate) fn in_every_look(&self) -> bool {
        self.looks
    }

    /// Takes a view of the documents by its name there; its words tell what is seen.
    pub(crate) async fn take(&mut self, window: &Window, name: &str, seen: &str) -> anyhow::Result<()> {
        self.wide(window, name, seen, None).await?;
        self.other_sizes(window, name, None).await
    }

    /// Takes a view likewise, with a part of it in sight however large the window is. `css` without a single
    /// quotation mark.
    pub(crate) async fn take_part(
        &mut self,
        window: &Window,
        name: &str,
        seen: &str,
        css: &str,
    ) -> anyhow::Result<()> {
        self.wide(window, name, seen, Some(css)).await?;
        self.other_sizes(window, name, Some(css)).await
    }

    /// Takes a view that the documents do not have: a picture of the story only.
    pub(crate) async fn pass(&mut self, window: &Window, name: &str, seen: &str) -> anyhow::Result<()> {
        if self.looks { Ok(()) } else { self.wide(window, name, seen, None).await }
    }

    /// The part of [`Self::take`] that leaves the window as large as it is.
    pub(crate) async fn wide(
        &mut self,
        window: &Window,
        name: &str,
        seen: &str,
        css: Option<&str>,
    ) -> anyhow::Result<()> {
        let file = if self.looks {
            format!("{name}-light.png")
        } else {
            format!("{}-{name}.png", self.pages.len() + 1)
        };
        self.shoot(window, &file, css).await?;
        println!("  ✓ {seen}");
        self.pages.push((file, seen.to_owned(), self.began.elapsed().as_secs_f32()));
        if self.looks {
            let theme = window.run("return document.documentElement.dataset.theme ?? null").await?;
            window.theme(Some("dark")).await?;
            self.shoot(window, &format!("{name}-dark.png"), css).await?;
            window.theme(theme.as_str()).await?;
        }
        Ok(())
    }

    /// The other part of it.
    pub(crate) async fn other_sizes(
        &self,
        window: &Window,
        name: &str,
        css: Option<&str>,
    ) -> anyhow::Result<()> {
        self.small(window, name, css).await?;
        self.large(window, name, css).await
    }

    /// In a small window.
    pub(crate) async fn small(&self, window: &Window, name: &str, css: Option<&str>) -> anyhow::Result<()> {
        if !self.looks {
            return Ok(());
        }
        window.size(960, 640).await?;
        self.shoot(window, &format!("{name}-960.png"), css).await?;
        window.size(1280, 800).await
    }

    /// With letters twice as large.
    pub(crate) async fn large(&self, window: &Window, name: &str, css: Option<&str>) -> anyhow::Result<()> {
        if !self.looks {
            return Ok(());
        }
        window.run("document.documentElement.style.setProperty('--text-scale', '2')").await?;
        self.shoot(window, &format!("{name}-200.png"), css).await?;
        window.run("document.documentElement.style.setProperty('--text-scale', '1')").await?;
        window.settled().await
    }

    async fn shoot(&self, window: &Window, file: &str, css: Option<&str>) -> anyhow::Result<()> {
        if let Some(css) = css {
            window
                .run(&format!("document.querySelector('{css}')?.scrollIntoView({{ block: 'center' }})"))
                .await?;
        }
        window.picture(&self.folder.join(file)).await
    }

    /// Writes the page that leads through it.
    pub(crate) fn summary(&self, told: &anyhow::Result<()>) -> anyhow::Result<PathBuf> {
        let mut page =
            String::from("# A customer's short story\n\nPlayed in the real window on a practice line.\n\n");
        for (file, seen, at) in &self.pages {
            writeln!(page, "- {at:.1} s: {seen} ([picture]({file}))")?;
        }
        page += match told {
            Ok(()) => "\nEverything in the story happened.\n",
            Err(_) => "\nThe story broke off here.\n",
        };
        let file = self.folder.join("summary.md");
        fs::write(&file, page)?;
        Ok(file)
    }
}
