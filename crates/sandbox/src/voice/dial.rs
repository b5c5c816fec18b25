//! `<Dial>`: rings phones for a caller, lets whoever picks up be screened, and puts them through.

use super::{
    document::{self, Dial},
    leg::{Cut, Fields, Finish, Leg, Opening, Place, Role, Source},
    phones::Person,
    register::{Call, CallDirection, CallStatus, Heard, Progress, StatusCallback},
};
use crate::{carrier::tail_code, town::sid};
use futures_util::future::BoxFuture;
use std::{future::poll_fn, sync::Arc, task::Poll};

/// Twilio rings that much longer than it was told.
pub(super) const RINGS_ON_MS: u64 = 5_000;
/// So many phones ring together at most.
const MOST_PHONES: usize = 10;

/// Somebody to ring, as the document meant it.
struct Callee {
    number: String,
    screen: Option<Source>,
    callback: Option<StatusCallback>,
}

/// What came of ringing one phone.
enum Rung {
    /// Somebody is there to talk to.
    Accepted(Box<Leg>),
    Lost,
}

/// What came of a `<Dial>`.
#[derive(Debug)]
struct Dialed {
    sid: Option<String>,
    status: CallStatus,
    /// Of the leg, from when it was picked up; none when it went on elsewhere.
    duration_s: Option<u64>,
    bridged: bool,
}

impl Dialed {
    const NOBODY: Self = Self { sid: None, status: CallStatus::Failed, duration_s: Some(0), bridged: false };

    fn fields(self) -> Fields {
        let mut fields = vec![
            ("DialCallStatus".to_owned(), self.status.word().to_owned()),
            ("DialBridged".to_owned(), self.bridged.to_string()),
        ];
        fields.extend(self.sid.map(|sid| ("DialCallSid".to_owned(), sid)));
        fields.extend(self.duration_s.map(|s| ("DialCallDuration".to_owned(), s.to_string())));
        fields
    }
}

impl Leg {
    /// Puts the caller through. What follows is the action's answer, or else the next verb.
    pub(super) async fn dial(&mut self, dial: &Dial, place: &Place) -> Result<Option<Source>, Cut> {
        let action = match &dial.action {
            Some(link) => match self.resolve(place, link) {
                Some(action) => Some(action),
                None => return Ok(None),
            },
            None => None,
        };
        if !dial.answer_on_bridge {
            self.answer();
        }
        let mut dialed = Dialed::NOBODY;
        let ended = match self.shown_number(dial) {
            Some(from) => self.connect(dial, &from, self.callees(dial, place), &mut dialed).await,
            None => Ok(()),
        };
        let Some(action) = action else { return ended.map(|()| None) };
        let fields = dialed.fields();
        match ended {
            Ok(()) => Ok(Some(Source::Ask(action, fields))),
            Err(Cut::Moved(source)) => {
                self.mention(&action, None, fields);
                Err(Cut::Moved(source))
            }
            Err(cut) => {
                self.mention(&action, Some(CallStatus::Completed), fields);
                Err(cut)
            }
        }
    }

    /// The number the called phones show.
    fn shown_number(&self, dial: &Dial) -> Option<String> {
        let town = self.scene.world.town();
        let call = town.calls.get(&self.sid)?;
        let Some(shown) = dial.caller_id.as_deref().map(|id| e164(id).unwrap_or_else(|| id.to_owned()))
        else {
            return Some(call.from.clone());
        };
        let ours = town.numbers.iter().any(|number| number.number == shown);
        if ours || shown == call.from || shown == call.to {
            return Some(shown);
        }
        drop(town);
        self.alert(13214, "the caller id is neither in this call nor a number of the account");
        None
    }

    /// Whom to ring. Numbers that cannot be are passed over with Twilio's alert.
    fn callees(&self, dial: &Dial, place: &Place) -> Vec<Callee> {
        let callee = |number: &document::Number| {
            let Some(to) = e164(&number.number) else {
                self.alert(13223, "the number to dial is malformed");
                return None;
            };
            if let Some(code) = tail_code(&to).filter(|code| (13_000..14_000).contains(code)) {
                self.alert(code, "as the number's last digits ask for");
                return None;
            }
            let screen = match &number.screen {
                Some(link) => Some(self.go(link, place, Vec::new())?),
                None => None,
            };
            let callback = number.callback.as_ref().and_then(|(link, events)| {
                Some(StatusCallback::new(self.resolve(place, link)?, events.clone()))
            });
            Some(Callee { number: to, screen, callback })
        };
        dial.numbers.iter().filter_map(callee).take(MOST_PHONES).collect()
    }

    /// Rings phones, together or in turn, until somebody accepts and the talk is over.
    async fn connect(
        &mut self,
        dial: &Dial,
        from: &str,
        mut callees: Vec<Callee>,
        dialed: &mut Dialed,
    ) -> Result<(), Cut> {
        if self.answered {
            self.notice(Heard::Ringing, "");
        }
        let timeout_ms = dial.timeout_s * 1_000 + RINGS_ON_MS;
        while !callees.is_empty() {
            let together = if dial.sequential { 1 } else { callees.len() };
            let mut sids = Vec::with_capacity(together);
            let mut ringing = Vec::with_capacity(together);
            for callee in callees.drain(..together) {
                let leg = self.leg_to(&callee.number, from, callee.callback);
                sids.push(leg.sid.clone());
                ringing.push(leg.approach(timeout_ms, callee.screen));
            }
            loop {
                let rung = tokio::select! {
                    biased;
                    cut = self.cut() => Err(cut),
                    rung = first(&mut ringing) => Ok(rung),
                };
                match rung {
                    Ok(Some(Rung::Lost)) => {}
                    Ok(Some(Rung::Accepted(leg))) => {
                        drop(ringing);
                        sids.retain(|sid| *sid != leg.sid);
                        self.give_up(&sids);
                        return self.talk(*leg, dial.limit_s * 1_000, dialed).await;
                    }
                    Ok(None) => break,
                    Err(cut) => {
                        drop(ringing);
                        self.give_up(&sids);
                        self.weigh(&sids, dialed);
                        return Err(cut);
                    }
                }
            }
            self.weigh(&sids, dialed);
        }
        Ok(())
    }

    fn leg_to(&self, number: &str, from: &str, callback: Option<StatusCallback>) -> Self {
        let person = {
            let town = self.scene.world.town();
            let ours = town.numbers.iter().any(|ours| ours.number == number);
            let phone = town.phones.get(number).cloned().unwrap_or_default();
            if ours { self.person.put_through() } else { Person::called(&phone) }
        };
        let opening = Opening {
            sid: sid("CA"),
            parent: Some(self.sid.clone()),
            direction: CallDirection::OutboundDial,
            from: from.to_owned(),
            to: number.to_owned(),
            number_sid: None,
            callback,
            person,
        };
        let mut leg = Self::open(&self.scene, opening);
        leg.depth = self.depth;
        leg
    }

    /// Rings a phone, and screens whoever picks up. Boxed, because it is part of what a leg does.
    fn approach(mut self, timeout_ms: u64, screen: Option<Source>) -> BoxFuture<'static, Rung> {
        Box::pin(async move {
            self.scene.reach(&self.sid, Progress::Initiated, CallStatus::Queued);
            if let Err(status) = self.ring(timeout_ms).await {
                self.scene.conclude(&self.sid, status, "line");
                return Rung::Lost;
            }
            self.answer();
            if let Some(screen) = screen {
                match self.follow(screen, Role::Screen).await {
                    Finish::EndOfDocument => {}
                    finish => {
                        self.end(&finish);
                        return Rung::Lost;
                    }
                }
            }
            Rung::Accepted(Box::new(self))
        })
    }

    /// Two people talk, until one of them hangs up or the time is over.
    async fn talk(&mut self, mut other: Self, limit_ms: u64, dialed: &mut Dialed) -> Result<(), Cut> {
        self.answer();
        let time = Arc::clone(&self.scene.time);
        let now_ms = time.now_ms();
        let (mine, theirs) = {
            let town = self.scene.world.town();
            let leg = town.calls.get(&other.sid);
            leg.map(|leg| (leg.from.clone(), leg.to.clone())).unwrap_or_default()
        };
        self.notice(Heard::Bridged, &theirs);
        other.notice(Heard::Bridged, &mine);
        self.leaves_at_ms = self.person.talks_ms.map(|ms| now_ms + ms);
        other.leaves_at_ms = other.person.talks_ms.map(|ms| now_ms + ms);
        let ended = tokio::select! {
            biased;
            cut = self.cut() => Err(cut),
            cut = other.cut() => Ok(Some(cut)),
            () = time.until(now_ms.saturating_add(limit_ms)) => Ok(None),
        };
        self.leaves_at_ms = None;
        let sid = other.sid.clone();
        *dialed =
            Dialed { sid: Some(sid.clone()), status: CallStatus::Completed, duration_s: None, bridged: true };
        let ended = match ended {
            Ok(Some(Cut::Moved(source))) => {
                other.go_alone(source);
                return Ok(());
            }
            Ok(Some(Cut::HungUp)) => {
                other.end(&Finish::Left);
                Ok(())
            }
            Ok(Some(Cut::Ended(status))) => {
                other.end(&Finish::Ended(status));
                Ok(())
            }
            Ok(None) => {
                other.end(&Finish::HangUp);
                Ok(())
            }
            Err(cut) => {
                other.end(&Finish::HangUp);
                Err(cut)
            }
        };
        dialed.duration_s = self.scene.world.town().calls.get(&sid).and_then(Call::duration_s);
        ended
    }

    /// Ends legs that nobody needs any more.
    fn give_up(&self, sids: &[String]) {
        for sid in sids {
            let answered = self.scene.change(sid, |call, _| call.answered_ms.is_some());
            let status = if answered == Some(true) { CallStatus::Completed } else { CallStatus::Canceled };
            self.scene.conclude(sid, status, "line");
        }
    }

    /// What is told of several legs that came to nothing: of the one that came furthest, the latest.
    fn weigh(&self, sids: &[String], dialed: &mut Dialed) {
        let weight = |status| match status {
            CallStatus::Completed => 4,
            CallStatus::Canceled => 3,
            CallStatus::NoAnswer => 2,
            CallStatus::Busy => 1,
            _ => 0,
        };
        let town = self.scene.world.town();
        for call in sids.iter().filter_map(|sid| town.calls.get(sid)) {
            if weight(call.status) >= weight(dialed.status) {
                *dialed = Dialed {
                    sid: Some(call.sid.clone()),
                    status: call.status,
                    duration_s: Some(call.duration_s().unwrap_or(0)),
                    bridged: false,
                };
            }
        }
    }
}

/// The first of some legs to be decided, in the order they were named; `None` when there are none.
async fn first(legs: &mut Vec<BoxFuture<'static, Rung>>) -> Option<Rung> {
    poll_fn(|context| {
        let mut each = legs.iter_mut().enumerate();
        let decided = each.find_map(|(at, leg)| match leg.as_mut().poll(context) {
            Poll::Ready(rung) => Some((at, rung)),
            Poll::Pending => None,
        });
        match decided {
            Some((at, rung)) => {
                drop(legs.remove(at));
                Poll::Ready(Some(rung))
            }
            None if legs.is_empty() => Poll::Ready(None),
            None => Poll::Pending,
        }
    })
    .await
}

/// A number as it is dialed; one of ten digits is a US one.
pub(super) fn e164(number: &str) -> Option<String> {
    let plain: String = number.chars().filter(|c| !" -().".contains(*c)).collect();
    let digits = plain.strip_prefix('+').unwrap_or(&plain);
    let well_formed = digits.bytes().all(|b| b.is_ascii_digit()) && (8..=15).contains(&digits.len());
    if !well_formed {
        None
    } else if plain.starts_with('+') {
        Some(plain)
    } else if digits.len() == 10 {
        Some(format!("+1{digits}"))
    } else {
        (digits.len() == 11 && digits.starts_with('1')).then(|| format!("+{digits}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_dialed_with_its_country() {
        for (written, dialed) in [
            ("+15550100001", Some("+15550100001")),
            ("(555) 010-0001", Some("+15550100001")),
            ("1 555.010.0001", Some("+15550100001")),
            ("+44 20 7946 0958", Some("+442079460958")),
            ("911", None),
            ("+1555010000x", None),
            ("", None),
        ] {
            assert_eq!(e164(written).as_deref(), dialed, "{written}");
        }
    }
}
