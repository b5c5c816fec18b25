//! Tells the owner what is new while the window is elsewhere: notifications, the tray, the title.

use crate::{
    front::{Front, Stage},
    office::Open,
    tray,
    window::{self, Call, Page},
    words,
};
use ringdesk_domain::{ConversationId, settings::OnClose};
use ringdesk_inbox::{Follower, Inbox, LineNews, News, Problem};
use std::{sync::PoisonError, time::Duration};
use tauri::{AppHandle, Manager};
use tokio::sync::mpsc::UnboundedReceiver;

const LINE: &str = "line";
const DIGEST: &str = "digest";
const FAILURES: &str = "failures";

/// Follows whichever line is open until the program ends.
pub(crate) async fn run(app: AppHandle) {
    let front = app.state::<Front>();
    let mut stages = front.stages();
    loop {
        let stage = stages.borrow_and_update().clone();
        let changed = match stage {
            Stage::Open(open) => {
                let changed = tokio::select! {
                    () = follow(&app, &open) => stages.changed().await,
                    changed = stages.changed() => changed,
                };
                withdraw_all(&app).await;
                closes(&app, OnClose::Quit);
                window::entitle(&app, 0);
                tray::draw(&app, tray::State::default());
                changed
            }
            Stage::Opening => stages.changed().await,
            // Started without a window, nobody would learn that nothing arrives.
            Stage::Welcome | Stage::Trouble(_) => {
                window::show(&app, None);
                stages.changed().await
            }
        };
        if changed.is_err() {
            return;
        }
    }
}

/// Takes back what is shown; a server of notifications that hangs must not hang us.
pub(crate) async fn withdraw_all(app: &AppHandle) {
    let notifications = &app.state::<Page>().notifications;
    if tokio::time::timeout(Duration::from_secs(1), notifications.withdraw_all()).await.is_err() {
        tracing::warn!("notifications could not be taken back");
    }
}

async fn follow(app: &AppHandle, open: &Open) {
    let inbox = &open.desk.inbox;
    let mut follower = loop {
        match inbox.follow().await {
            Ok(follower) => break follower,
            Err(error) => {
                tracing::error!(%error, "nothing can be told outside the window yet");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    };
    loop {
        if let Err(error) = tell(app, open, inbox, &mut follower).await {
            tracing::warn!(%error, "what is new could not be told");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        if !follower.wait().await {
            return;
        }
    }
}

async fn tell(app: &AppHandle, open: &Open, inbox: &Inbox, follower: &mut Follower) -> Result<(), Problem> {
    let page = app.state::<Page>();
    let settings = inbox.settings().await?;
    closes(app, settings.window.on_close);
    for news in follower.news(page.in_view()).await? {
        page.notifications.show(&subject(&news), words::note(&news));
    }
    match follower.line().await? {
        Some(LineNews::Lost(_)) if open.reachable => page.notifications.show(LINE, words::lost()),
        Some(LineNews::Back) => page.notifications.withdraw(LINE),
        _ => {}
    }
    // What was read elsewhere is no news any more.
    for shown in page.notifications.subjects() {
        let failure = |id: ConversationId| shown == window::failure_in(id);
        if let Some(id) = window::conversation_of(&shown).filter(|id| !failure(*id))
            && inbox.unread_in(id).await? == 0
        {
            page.notifications.withdraw(&shown);
        }
    }
    let unread = inbox.unread().await?;
    if unread == 0 {
        page.notifications.withdraw(DIGEST);
    }
    window::entitle(app, unread);
    let line = match () {
        () if !open.reachable => words::UNREACHABLE,
        () if !inbox.connected() => words::OFFLINE,
        () if open.practice.is_some() => words::PRACTICE,
        () => words::CONNECTED,
    };
    let paused = settings.notifications.paused_until.is_some_and(|until| inbox.clock().now() < until);
    tray::draw(app, tray::State { line: Some(line), good: inbox.connected(), unread, paused });
    Ok(())
}

fn closes(app: &AppHandle, means: OnClose) {
    *app.state::<Page>().on_close.lock().unwrap_or_else(PoisonError::into_inner) = means;
}

/// What a notification is about: one at a time of each.
fn subject(news: &News) -> String {
    match news {
        News::Texts(piece) => piece.conversation.to_string(),
        // What they said takes the place of the call they said it in.
        News::Missed(piece, _) | News::Voicemail { piece, .. } => window::missed_in(piece.conversation),
        News::Failure(piece) => window::failure_in(piece.conversation),
        News::Digest { texts: 0, calls: 0, .. } => FAILURES.to_owned(),
        News::Digest { .. } => DIGEST.to_owned(),
    }
}

/// Goes where a click on a notification leads.
pub(crate) async fn answer_clicks(app: AppHandle, mut clicked: UnboundedReceiver<String>) {
    while let Some(subject) = clicked.recv().await {
        let call = match (window::conversation_of(&subject), subject.as_str()) {
            (Some(id), _) => Some(Call::Conversation { id }),
            (None, DIGEST) => Some(Call::Unread),
            (None, _) => None,
        };
        window::show(&app, call);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringdesk_domain::Moment;
    use ringdesk_inbox::Piece;

    #[test]
    fn a_message_replaces_the_missed_call_it_was_left_in() {
        let conversation = ConversationId::new(Moment(0));
        let piece = Piece { conversation, who: None, words: None, pictures: 0, unread: 1 };
        let message = subject(&News::Voicemail { piece: piece.clone(), seconds: None });
        assert_eq!(message, subject(&News::Missed(piece, None)));
        assert_eq!(window::conversation_of(&message), Some(conversation));
    }
}
