//! What somebody does in the console of the account, or what happens to it there: settings of numbers and
//! services, registrations, money, alerts. None of it is refused.

use crate::{
    Sandbox, monitor,
    services::Service,
    town::{Number, sid},
};
use std::collections::BTreeMap;

impl Sandbox {
    /// The Auth Token that signs webhooks now.
    pub fn auth_token(&self) -> String {
        self.world.town().tokens.primary().to_owned()
    }

    /// Sets something of one of our numbers, by Twilio's parameters such as `VoiceUrl`. `false` when the
    /// account has no such number.
    pub fn set_number(&self, number: &str, fields: &[(&str, &str)]) -> bool {
        let mut town = self.world.town();
        let Some(ours) = town.numbers.iter_mut().find(|ours| ours.number == number) else { return false };
        for (name, value) in fields {
            ours.put(name, value);
        }
        true
    }

    /// How one of our numbers is set, by Twilio's parameters such as `VoiceUrl`, with what is not set as
    /// Twilio has it, and its `Sid`. Empty when the account has no such number.
    pub fn number(&self, number: &str) -> BTreeMap<String, String> {
        self.world.town().number(number).map(Number::settings).unwrap_or_default()
    }

    /// Makes a Messaging Service of this name or changes the one there is: sets what the fields say, by
    /// Twilio's parameters such as `InboundRequestUrl`, and takes these numbers of ours, and no others, into
    /// it, out of any other. Answers its SID.
    pub fn set_service(&self, name: &str, fields: &[(&str, &str)], numbers: &[&str]) -> String {
        let now_ms = (self.world.config.now)();
        let mut town = self.world.town();
        let ours = town.numbers.iter().filter(|ours| numbers.contains(&ours.number.as_str()));
        let senders: Vec<String> = ours.map(|ours| ours.sid.clone()).collect();
        for service in &mut town.services {
            service.senders.retain(|sender| !senders.contains(sender));
        }
        if !town.services.iter().any(|service| service.name() == name) {
            town.services.push(Service::new(name, now_ms));
        }
        let Some(service) = town.services.iter_mut().find(|service| service.name() == name) else {
            // It was put there right now.
            return String::new();
        };
        service.senders = senders;
        for (name, value) in fields {
            service.set.insert((*name).to_owned(), (*value).to_owned());
        }
        service.sid.clone()
    }

    /// How far the account's brand has come, in Twilio's words such as `APPROVED`, and why it failed. Answers
    /// its SID.
    pub fn set_brand(&self, status: &str, failure: Option<&str>) -> String {
        let now_ms = (self.world.config.now)();
        self.world.town().compliance.set_brand(status, failure, now_ms)
    }

    /// How far the campaign of a Messaging Service has come, in Twilio's words such as `VERIFIED`, and what
    /// is wrong with it, by code and in words. Answers its SID.
    pub fn set_campaign(&self, service_sid: &str, status: &str, errors: &[(u32, &str)]) -> String {
        let now_ms = (self.world.config.now)();
        self.world.town().compliance.set_campaign(service_sid, status, errors, now_ms)
    }

    /// How far the verification of a toll-free number of ours has come, in Twilio's words such as
    /// `TWILIO_APPROVED`, and why it was rejected. Answers its SID; none when the account has no such number.
    pub fn set_toll_free(&self, number: &str, status: &str, rejection: Option<&str>) -> Option<String> {
        let now_ms = (self.world.config.now)();
        let mut town = self.world.town();
        let number_sid = town.number(number)?.sid.clone();
        Some(town.compliance.set_verification(&number_sid, number, status, rejection, now_ms))
    }

    /// How much money is left, such as `12.34`, and in which currency, such as `USD`.
    pub fn set_balance(&self, balance: &str, currency: &str) {
        self.world.town().balance = (balance.to_owned(), currency.to_owned());
    }

    /// Something went wrong at a moment, in UTC milliseconds; about a call or a text, by its SID, or about
    /// nothing in particular. Answers the alert's SID.
    pub fn alert(&self, code: u32, message: &str, resource_sid: Option<&str>, at_ms: i64) -> String {
        monitor::enter(&self.world, code, message, resource_sid, None, at_ms)
    }

    /// The `Date` of every answer is so far ahead of the clock; behind it when negative.
    pub fn set_clock_error_ms(&self, error_ms: i64) {
        self.world.town().clock_error_ms = error_ms;
    }

    /// Writes a document into a TwiML Bin. Answers its address here; under `https://handler.twilio.com`, with
    /// the same path, it is known as well.
    pub fn twiml_bin(&self, document: &str) -> String {
        let sid = sid("EH");
        self.world.town().bins.insert(sid.clone(), document.to_owned());
        format!("{}/twiml/{sid}", self.world.base)
    }
}
