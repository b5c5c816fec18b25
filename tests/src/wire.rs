//! A wire between an office and its pretend Twilio that breaks where it is told. HTTP by hand, one request a
//! connection, so that it can end in the middle of anything.

mod http;

pub use http::Answer;

use http::{Asked, body_of};
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// What becomes of a request to send a text. Whatever else is asked goes through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Mishap {
    /// It goes through.
    #[default]
    Nothing,
    /// The connection is reset as soon as anything comes, before it is read.
    ResetAtOnce,
    /// The connection is reset when the head was read.
    ResetAfterHead,
    /// The connection is reset when half of the body was read.
    ResetInBody,
    /// The connection is reset when all was read; Twilio gets nothing.
    ResetAfterBody,
    /// Twilio gets nothing, and this comes back.
    Instead(Answer),
    /// Nothing is read but the head, and nothing comes back until [`Wire::hang_up`].
    HoldBefore,
    /// Twilio takes it, and the connection is reset instead of its answer.
    LoseAnswer,
    /// Twilio takes it, and half of its answer comes back.
    HalfAnswer,
    /// Twilio takes it, and this comes back instead of its answer.
    OtherAnswer(Answer),
    /// Twilio takes it, and the answer waits until [`Wire::let_go`]; then the connection is reset.
    HoldAnswer,
}

/// A wire. It is cut when dropped.
#[derive(Debug)]
pub struct Wire {
    at: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Debug)]
struct Shared {
    twilio: String,
    state: Mutex<State>,
    /// Requests to send that hang.
    held: watch::Sender<usize>,
    freed: watch::Sender<Freed>,
}

#[derive(Debug, Default)]
struct State {
    mishap: Mishap,
    /// Customers of whose texts Twilio is not told where to report to.
    unreported: HashSet<String>,
    /// Customers whose texts are not listed.
    unlisted: HashSet<String>,
    /// No number takes texts, as far as Twilio says.
    mute: bool,
    /// Requests to send, whatever became of them; and those read to their end, by customer.
    asked: usize,
    sent: HashMap<String, usize>,
    /// Lists of texts to a customer.
    looks: HashMap<String, usize>,
}

#[derive(Debug, Default)]
struct Freed {
    customers: HashSet<String>,
    hung_up: u64,
}

impl Wire {
    /// Lays one to a Twilio at `http://…`.
    pub async fn start(twilio: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            twilio: twilio.trim_start_matches("http://").to_owned(),
            state: Mutex::default(),
            held: watch::Sender::new(0),
            freed: watch::Sender::default(),
        });
        let carrying = shared.clone();
        let task = tokio::spawn(async move {
            while let Ok((here, _)) = listener.accept().await {
                let shared = carrying.clone();
                // Either end may go away at any time.
                tokio::spawn(async move { shared.carry(here).await.ok() });
            }
        });
        Self { at, shared, task }
    }

    /// What an office takes for Twilio.
    pub fn url(&self) -> String {
        format!("http://{}", self.at)
    }

    /// From now on this becomes of each request to send a text.
    pub fn meets(&self, mishap: Mishap) {
        self.shared.state().mishap = mishap;
    }

    /// Twilio is not told where to report about texts to a customer.
    pub fn unreported(&self, customer: &str) {
        self.shared.state().unreported.insert(customer.to_owned());
    }

    /// Texts to a customer are missing in Twilio's lists, or not any more.
    pub fn unlisted(&self, customer: &str, missing: bool) {
        let mut state = self.shared.state();
        if missing {
            state.unlisted.insert(customer.to_owned());
        } else {
            state.unlisted.remove(customer);
        }
    }

    /// None of the account's numbers takes texts, as far as Twilio says.
    pub fn mute_numbers(&self) {
        self.shared.state().mute = true;
    }

    /// Requests to send a text that were seen coming, whatever became of them.
    pub fn asked(&self) -> usize {
        self.shared.state().asked
    }

    /// Requests to send to a customer that were read to their end.
    pub fn sent(&self, customer: &str) -> usize {
        self.shared.state().sent.get(customer).copied().unwrap_or(0)
    }

    /// Times Twilio's list of texts to a customer was asked for.
    pub fn looks(&self, customer: &str) -> usize {
        self.shared.state().looks.get(customer).copied().unwrap_or(0)
    }

    /// Waits until so many requests to send hang.
    pub async fn holds(&self, count: usize) {
        let mut held = self.shared.held.subscribe();
        // Cannot fail: we hold the other end ourselves.
        let _ = held.wait_for(|held| *held >= count).await;
    }

    /// Lets a request to send to a customer hang no longer, now or later.
    pub fn let_go(&self, customer: &str) {
        self.shared.freed.send_modify(|freed| {
            freed.customers.insert(customer.to_owned());
        });
    }

    /// Ends every connection that hangs, and waits until none does.
    pub async fn hang_up(&self) {
        self.shared.freed.send_modify(|freed| freed.hung_up += 1);
        let mut held = self.shared.held.subscribe();
        let _ = held.wait_for(|held| *held == 0).await;
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn carry(&self, mut here: TcpStream) -> io::Result<()> {
        let mishap = self.state().mishap.clone();
        let mut first = [0];
        if mishap == Mishap::ResetAtOnce && here.peek(&mut first).await? == 1 && first == *b"P" {
            self.state().asked += 1;
            return reset(here);
        }
        let mut asked = Asked::begin(&mut here).await?;
        if asked.sends() {
            self.state().asked += 1;
            return self.carry_text(here, asked, mishap).await;
        }
        let length = asked.length;
        asked.read_to(&mut here, length).await?;
        let answer = self.changed(&asked, self.ask(&asked).await?);
        here.write_all(&answer).await
    }

    async fn carry_text(&self, mut here: TcpStream, mut asked: Asked, mishap: Mishap) -> io::Result<()> {
        match mishap {
            Mishap::ResetAfterHead => return reset(here),
            Mishap::ResetInBody => {
                let half = asked.length / 2;
                asked.read_to(&mut here, half).await?;
                return reset(here);
            }
            Mishap::HoldBefore => {
                self.hold("").await;
                return reset(here);
            }
            _ => {}
        }
        let length = asked.length;
        asked.read_to(&mut here, length).await?;
        let customer = asked.field("To").unwrap_or_default();
        *self.state().sent.entry(customer.clone()).or_default() += 1;
        if let Mishap::Instead(answer) = &mishap {
            return here.write_all(&answer.bytes()).await;
        }
        if mishap == Mishap::ResetAfterBody {
            return reset(here);
        }
        if self.state().unreported.contains(&customer) {
            asked.forget("StatusCallback");
        }
        let answer = self.ask(&asked).await?;
        match mishap {
            Mishap::LoseAnswer => reset(here),
            Mishap::HoldAnswer => {
                self.hold(&customer).await;
                reset(here)
            }
            Mishap::HalfAnswer => {
                let body = body_of(&answer);
                here.write_all(&answer[..answer.len() - body.len().div_ceil(2)]).await
            }
            Mishap::OtherAnswer(other) => here.write_all(&other.bytes()).await,
            _ => here.write_all(&answer).await,
        }
    }

    /// Asks Twilio; its whole answer, head and body.
    async fn ask(&self, asked: &Asked) -> io::Result<Vec<u8>> {
        let mut there = TcpStream::connect(self.twilio.as_str()).await?;
        there.write_all(&asked.bytes()).await?;
        let mut answer = Vec::new();
        there.read_to_end(&mut answer).await?;
        Ok(answer)
    }

    /// What Twilio answered to a question, as the office is to see it.
    fn changed(&self, asked: &Asked, answer: Vec<u8>) -> Vec<u8> {
        let line = asked.line();
        let mut state = self.state();
        if !line.starts_with("GET ") {
            return answer;
        }
        if line.contains("/Messages.json")
            && let Some(customer) = asked.asks("To")
        {
            *state.looks.entry(customer).or_default() += 1;
        }
        if state.unlisted.is_empty() && !state.mute {
            return answer;
        }
        let Ok(mut told) = serde_json::from_slice::<Value>(body_of(&answer)) else { return answer };
        if let Some(messages) = told.get_mut("messages").and_then(Value::as_array_mut) {
            messages.retain(|message| message["to"].as_str().is_none_or(|to| !state.unlisted.contains(to)));
        } else if let Some(numbers) = told.get_mut("incoming_phone_numbers").and_then(Value::as_array_mut) {
            for number in numbers.iter_mut().filter(|_| state.mute) {
                number["capabilities"]["sms"] = false.into();
            }
        } else {
            return answer;
        }
        Answer::json(200, &told).bytes()
    }

    /// Hangs until the customer's is let go, or all are.
    async fn hold(&self, customer: &str) {
        let mut freed = self.freed.subscribe();
        let before = freed.borrow_and_update().hung_up;
        self.held.send_modify(|held| *held += 1);
        // Cannot fail: we hold the other end ourselves.
        let let_go = |freed: &Freed| freed.hung_up > before || freed.customers.contains(customer);
        let _ = freed.wait_for(let_go).await;
        self.held.send_modify(|held| *held -= 1);
    }
}

/// Ends a connection so that the other end notices at once.
fn reset(here: TcpStream) -> io::Result<()> {
    here.set_zero_linger()?;
    drop(here);
    Ok(())
}
