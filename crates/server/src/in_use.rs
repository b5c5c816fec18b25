//! The account an open office uses, and the address it is found at: told to the inbox and the door together,
//! so that nobody believes one thing and says another.

use ringdesk_inbox::{Inbox, Reach};
use ringdesk_machine::AccountCredentials;
use ringdesk_twilio::{Client, Credentials, PublicUrl, Verifier, error::RestError, signature::BadUrl};
use ringdesk_webhooks::Door;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// An account in use: what the door believes, what Twilio is asked with, and what knocks are signed with.
/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct InUse(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    inbox: Inbox,
    door: Door,
    prefix: String,
    twilio_url: String,
    /// What the door goes by while there is no public address: nobody but this computer comes in.
    listening: PublicUrl,
    now: Mutex<Now>,
}

#[derive(Debug)]
struct Now {
    credentials: AccountCredentials,
    public: Option<PublicUrl>,
}

/// What the door believes of an account at an address.
pub(crate) fn verifier(public: PublicUrl, account: &AccountCredentials) -> Verifier {
    let mut tokens = vec![account.auth_token.clone()];
    tokens.extend(account.secondary_auth_token.clone());
    Verifier::new(public, account.account_sid.clone(), tokens)
}

/// Stands for our address while there is none: only this computer finds it.
pub(crate) fn nobody_outside(webhooks: SocketAddr) -> Result<PublicUrl, BadUrl> {
    PublicUrl::parse(&format!("http://127.0.0.1:{}", webhooks.port()))
}

impl InUse {
    /// An account that is not told to anybody yet.
    pub(crate) fn new(
        inbox: Inbox,
        door: Door,
        credentials: AccountCredentials,
        twilio_url: String,
        prefix: String,
        webhooks: SocketAddr,
    ) -> Result<Self, BadUrl> {
        let listening = nobody_outside(webhooks)?;
        let now = Mutex::new(Now { credentials, public: None });
        Ok(Self(Arc::new(Inner { inbox, door, prefix, twilio_url, listening, now })))
    }

    /// The credentials in use.
    pub fn credentials(&self) -> AccountCredentials {
        self.now().credentials.clone()
    }

    /// Where Twilio, or the practice line that stands for it, is asked.
    pub fn twilio_url(&self) -> &str {
        &self.0.twilio_url
    }

    /// The time as the office has it, in UTC milliseconds.
    pub(crate) fn now_ms(&self) -> i64 {
        self.0.inbox.clock().now().0
    }

    /// Uses other credentials of the same account from now on: for questions, at the door, and for knocks.
    pub fn renew(&self, credentials: AccountCredentials) -> Result<(), RestError> {
        let mut now = self.now();
        self.hand_over(&credentials, now.public.clone())?;
        now.credentials = credentials;
        Ok(())
    }

    /// Twilio finds us there from now on, or nowhere.
    pub(crate) fn at(&self, public: Option<PublicUrl>) -> Result<(), RestError> {
        let mut now = self.now();
        self.hand_over(&now.credentials, public.clone())?;
        now.public = public;
        Ok(())
    }

    fn hand_over(&self, account: &AccountCredentials, public: Option<PublicUrl>) -> Result<(), RestError> {
        let rest = match &account.api_key {
            Some((sid, secret)) => Credentials {
                account_sid: account.account_sid.clone(),
                user: sid.clone(),
                secret: secret.clone(),
            },
            None => Credentials::account(&account.account_sid, account.auth_token.clone()),
        };
        let client = Client::new(&self.0.twilio_url, rest)?;
        let believed = public.clone().unwrap_or_else(|| self.0.listening.clone());
        // Before anybody is sent here.
        self.0.door.believe(verifier(believed, account));
        let signing = account.auth_token.clone();
        self.0.inbox.connect(Reach { client, public, prefix: self.0.prefix.clone(), signing });
        Ok(())
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.0.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
