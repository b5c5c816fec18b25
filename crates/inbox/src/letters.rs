//! Voicemails by email, to an address of the owner's: with the sound and the words, once.

use crate::{Inbox, MailProblem, Problem, outbox::backoff, shift::Shift, view};
use jiff::{Timestamp, tz::TimeZone};
use ringdesk_domain::{
    Moment, VoicemailId,
    routing::business,
    settings::{Email, MailSecurity},
};
use ringdesk_mail::{File, Letter, Security, Server, send};
use ringdesk_store::{AudioState, LetterSent, LetterToSend, StoreError, VoicemailRow};
use secrecy::SecretString;
use tokio::sync::Notify;

/// A letter that cannot be sent is tried for a day or two.
const TRIES: u32 = 20;

/// Sends what is due.
pub(crate) struct Letters;

impl Shift for Letters {
    type Job = LetterToSend;
    const AT_ONCE: usize = 1;

    fn bell(inbox: &Inbox) -> &Notify {
        &inbox.0.letters
    }

    fn may(_: &Inbox) -> bool {
        true
    }

    async fn claim(inbox: &Inbox, now: Moment) -> Result<Option<LetterToSend>, StoreError> {
        inbox.store().claim_letter(now).await
    }

    async fn due(inbox: &Inbox, now: Moment) -> Result<Option<Moment>, StoreError> {
        inbox.store().next_letter_due(now).await
    }

    async fn work(inbox: Inbox, job: LetterToSend) {
        let sent = match inbox.send_letter(job.voicemail).await {
            Ok(()) => LetterSent::Taken,
            Err(problem) if problem.is_passing() && job.tries < TRIES => {
                let due = inbox.now().plus_ms(backoff(30_000, 4 * 60 * 60_000, job.tries));
                LetterSent::Later(due, problem.to_string())
            }
            Err(problem) => LetterSent::Failed(problem.to_string()),
        };
        if let LetterSent::Later(..) | LetterSent::Failed(_) = &sent {
            // The server's own words may hold addresses.
            tracing::warn!(voicemail = %job.voicemail, "a voicemail could not be sent by email");
        }
        let now = inbox.now();
        while let Err(error) = inbox.store().letter_sent(job.voicemail, sent.clone(), now).await {
            inbox.rest(&error).await;
        }
    }
}

impl Inbox {
    /// Takes over the password of the mail server.
    pub fn set_mail_password(&self, password: Option<SecretString>) {
        *self.0.mail_password.write().unwrap_or_else(std::sync::PoisonError::into_inner) = password;
        let inbox = self.clone();
        tokio::spawn(async move { inbox.hurry_letters().await });
    }

    /// The way to the mail server may be mended: what waits is tried now.
    pub(crate) async fn hurry_letters(&self) {
        if let Err(error) = self.store().hurry_letters(self.now()).await {
            tracing::error!(%error, "the letters that wait could not be hurried");
        }
        self.0.letters.notify_one();
    }

    /// Sends a voicemail to the owner, also one that was sent before.
    pub async fn email_voicemail(&self, id: VoicemailId) -> Result<(), Problem> {
        let email = &self.rules().settings.email;
        if email.to.is_empty() || email.host.is_empty() {
            return Err(Problem::Mail(MailProblem::NotSet));
        }
        self.store().voicemail(id).await?.ok_or(Problem::NotFound)?;
        self.store().send_letter(id, self.now()).await?;
        self.0.letters.notify_one();
        Ok(())
    }

    /// Sends a letter to the owner, to see whether it arrives.
    pub async fn test_email(&self) -> Result<(), Problem> {
        let settings = &self.rules().settings;
        let email = &settings.email;
        if email.to.is_empty() || email.host.is_empty() {
            return Err(Problem::Mail(MailProblem::NotSet));
        }
        let letter = Letter {
            message_id: format!("<test-{}@ringdesk.invalid>", VoicemailId::new(self.now())),
            from: sender(email),
            to: email.to.clone(),
            subject: format!("Voicemails of {} will come like this", business(settings)),
            body:
                "This is a test. When somebody leaves a message, you get it here with its sound and, where \
                   it was written down, its words.\n"
                    .into(),
            files: Vec::new(),
        };
        self.hand_over(email, letter).await.map_err(Problem::Mail)
    }

    async fn hand_over(&self, email: &Email, letter: Letter) -> Result<(), MailProblem> {
        let password = self.0.mail_password.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        if !email.user.is_empty() && password.is_none() {
            return Err(MailProblem::NoPassword);
        }
        let server = Server {
            host: email.host.clone(),
            port: email.port,
            security: match email.security {
                MailSecurity::Tls => Security::Tls,
                MailSecurity::Starttls => Security::StartTls,
                MailSecurity::None => Security::None,
            },
            user: email.user.clone(),
            password,
        };
        send(&server, letter).await.map_err(|error| MailProblem::from(&error))
    }

    async fn send_letter(&self, id: VoicemailId) -> Result<(), MailProblem> {
        let later = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, voicemail = %id, "a letter could not be written");
            MailProblem::NotWritten
        };
        let row = self.store().voicemail(id).await.map_err(|error| later(&error))?;
        let row = row.ok_or(MailProblem::NotWritten)?;
        let rules = self.rules();
        let email = &rules.settings.email;
        if email.to.is_empty() || email.host.is_empty() {
            return Err(MailProblem::NotSet);
        }
        let mut files = Vec::new();
        if let (AudioState::Kept, Some(sha256)) = (row.audio, &row.sha256) {
            let bytes = tokio::fs::read(self.kept(sha256)).await;
            files.push(File {
                name: file_name(&row, &rules.settings.region, &rules.zone),
                content_type: row.content_type.clone().unwrap_or_default(),
                bytes: bytes.map_err(|error| later(&error))?,
            });
        }
        let voicemail = self.voicemail_view(row);
        let letter = Letter {
            // The same each time, so that a mailbox knows one it has.
            message_id: format!("<voicemail-{id}@ringdesk.invalid>"),
            from: sender(email),
            to: email.to.clone(),
            subject: format!("Voicemail from {}", who(&voicemail)),
            body: body(&voicemail, files.is_empty(), &rules.zone),
            files,
        };
        self.hand_over(email, letter).await
    }
}

fn sender(email: &Email) -> String {
    if email.from.is_empty() { email.to.clone() } else { email.from.clone() }
}

fn who(voicemail: &view::Voicemail) -> &str {
    voicemail.name.as_deref().unwrap_or(&voicemail.with)
}

fn body(voicemail: &view::Voicemail, silent: bool, zone: &TimeZone) -> String {
    let seconds =
        voicemail.length_ms.map_or(u64::from(voicemail.duration_s.unwrap_or(0)), |ms| ms.div_ceil(1_000));
    let when = when(voicemail.at, zone, "%A %-d %B %Y at %H:%M");
    let number = voicemail.name.as_ref().map(|_| format!(", {},", voicemail.with)).unwrap_or_default();
    let words = match &voicemail.transcript {
        Some(words) => format!("“{words}”"),
        None => "There are no words written down of it.".into(),
    };
    let sound = match () {
        () if !silent => "The sound is attached.",
        () if voicemail.audio == view::AudioState::Wanted => {
            "The sound is not here yet; Ringdesk has it as soon as Twilio hands it over."
        }
        () => "There is no sound of it; Ringdesk says why.",
    };
    format!(
        "{}{number} left a message on {when}, {}:{:02} long.\n\n{words}\n\n{sound}\n",
        who(voicemail),
        seconds / 60,
        seconds % 60
    )
}

/// A moment on the business's clock, written as asked.
pub(crate) fn when(at: Moment, zone: &TimeZone, format: &str) -> String {
    let at = Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(zone.clone()).strftime(format).to_string()
}

/// What the sound of a voicemail is called where people see it.
pub(crate) fn file_name(row: &VoicemailRow, region: &str, zone: &TimeZone) -> String {
    let who = row.name.clone().unwrap_or_else(|| row.customer.display(region));
    let kind = if row.content_type.as_deref() == Some("audio/mpeg") { "mp3" } else { "wav" };
    format!("{who} {}.{kind}", when(row.at, zone, "%Y-%m-%d %H.%M"))
}
