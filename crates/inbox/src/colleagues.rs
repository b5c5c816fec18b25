//! Who works here, and who sees to a conversation.

use crate::{Inbox, Problem};
use ringdesk_domain::{
    Colleague, ColleagueId, ConversationId,
    colleague::{LONGEST_NAME, Name},
};
use ringdesk_store::ColleagueRenamed;

impl Inbox {
    /// Colleagues, by name.
    pub async fn colleagues(&self) -> Result<Vec<Colleague>, Problem> {
        Ok(self.store().colleagues().await?)
    }

    /// Adds a colleague. The same name again, in whatever capitals, is the same colleague.
    pub async fn add_colleague(&self, name: &str) -> Result<Colleague, Problem> {
        Ok(self.store().add_colleague(named(name)?, self.now()).await?)
    }

    /// Gives a colleague another name.
    pub async fn rename_colleague(&self, id: ColleagueId, name: &str) -> Result<Colleague, Problem> {
        match self.store().rename_colleague(id, named(name)?, self.now()).await? {
            ColleagueRenamed::Renamed(colleague) => Ok(colleague),
            ColleagueRenamed::NotFound => Err(Problem::NotFound),
            ColleagueRenamed::NameOf(other) => Err(Problem::Told {
                code: "colleague_known",
                message: format!("{other} is already in the list."),
                hint: "Two colleagues need two names. Add a last name or an initial.".into(),
            }),
        }
    }

    /// Takes a colleague out of the list: how many conversations were theirs and are nobody's now.
    pub async fn remove_colleague(&self, id: ColleagueId) -> Result<u32, Problem> {
        self.store().remove_colleague(id, self.now()).await?.ok_or(Problem::NotFound)
    }

    /// Assigns a conversation to a colleague, or to nobody.
    pub async fn assign(&self, id: ConversationId, to: Option<ColleagueId>) -> Result<(), Problem> {
        if self.store().assign(id, to, self.now()).await? { Ok(()) } else { Err(Problem::NotFound) }
    }
}

fn named(typed: &str) -> Result<Name, Problem> {
    Name::typed(typed).ok_or_else(|| Problem::Told {
        code: "colleague_name",
        message: "That name can't be kept.".into(),
        hint: format!("A name has between 1 and {LONGEST_NAME} characters, all on one line."),
    })
}
