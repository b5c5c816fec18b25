//! The sending lock: data that was restored, or that came from another computer, sends nothing until the
//! owner says so. Its older self may still be sending.

use crate::{Store, StoreError, db::Db};
use ringdesk_domain::{ChangeKind, Moment};

/// Under which name it is kept why nothing is sent: `restored` or `copied`.
const LOCK: &str = "sending_lock";
/// Which computer the data may send from, and on which it is now.
const COMPUTER: &str = "computer";
const HERE: &str = "computer_here";

/// Whether nothing may be sent, in the running transaction.
pub(crate) fn is_locked(db: &Db) -> Result<bool, StoreError> {
    Ok(read(db, LOCK)?.is_some())
}

fn read(db: &Db, key: &str) -> Result<Option<String>, StoreError> {
    db.first("SELECT value FROM meta WHERE key = $1", &[&key], |row| row.get(0))
}

fn keep(db: &Db, key: &str, value: &str) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO meta (key, value) VALUES ($1, $2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        &[&key, &value],
    )?;
    Ok(())
}

impl Store {
    /// Why nothing is sent, in one word, if that is so: `restored` or `copied`.
    pub async fn sending_lock(&self) -> Result<Option<String>, StoreError> {
        self.meta(LOCK).await
    }

    /// Has nothing sent from now on, and why; or has it sent again, from the computer the data is on now.
    pub async fn set_sending_lock(&self, why: Option<&str>, at: Moment) -> Result<(), StoreError> {
        let why = why.map(str::to_owned);
        self.writer()?
            .write(move |db| {
                if let Some(why) = &why {
                    keep(db, LOCK, why)?;
                } else {
                    db.run("DELETE FROM meta WHERE key = $1", &[&LOCK])?;
                    if let Some(here) = read(db, HERE)? {
                        keep(db, COMPUTER, &here)?;
                    }
                }
                db.tell(ChangeKind::HealthChanged, None, at)
            })
            .await
    }

    /// The data is on this computer, by a name that says nothing of it. On another one than it last sent
    /// from, nothing is sent.
    pub async fn lives_on(&self, computer: &str, at: Moment) -> Result<(), StoreError> {
        let computer = computer.to_owned();
        self.writer()?
            .write(move |db| {
                keep(db, HERE, &computer)?;
                match read(db, COMPUTER)? {
                    None => keep(db, COMPUTER, &computer),
                    Some(known) if known == computer || is_locked(db)? => Ok(()),
                    Some(_) => {
                        keep(db, LOCK, "copied")?;
                        db.tell(ChangeKind::HealthChanged, None, at)
                    }
                }
            })
            .await
    }

    /// Whether the data is known to be on the computer it last sent from.
    pub async fn is_home(&self) -> Result<bool, StoreError> {
        let here = self.meta(HERE).await?;
        Ok(here.is_some() && here == self.meta(COMPUTER).await?)
    }
}
