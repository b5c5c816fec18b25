//! What happens while nobody is there to be asked or told: put away as if every webhook about it had failed,
//! without trying the network, as much of it as anybody likes; and what is sent from somewhere else.

use crate::{
    Rang, Sandbox, TextIn, inbound,
    town::{Direction, Message, sid},
    voice,
};

impl Sandbox {
    /// A text came at a moment, in UTC milliseconds, and nobody was there: Twilio has it, with an alert where
    /// its number has an address for texts. Answers its SID.
    pub fn arrived(&self, from: &str, to: &str, body: &str, at_ms: i64) -> String {
        self.arrived_with(TextIn::new(from, to, body), at_ms)
    }

    /// The same for a text with more than words.
    pub fn arrived_with(&self, text: TextIn, at_ms: i64) -> String {
        inbound::unheard(&self.world, text, at_ms)
    }

    /// Somebody called at a moment, in UTC milliseconds, and nobody was there: Twilio has the call, with an
    /// alert for each address of the number that should have been asked or told. Answers its SID.
    pub fn rang(&self, from: &str, to: &str, at_ms: i64, how: Rang) -> String {
        voice::rang(&self.world, from, to, at_ms, how)
    }

    /// A text of ours that was sent with another program at a moment, in UTC milliseconds, and delivered; it
    /// is not counted in the report. Answers its SID.
    pub fn sent_elsewhere(&self, from: &str, to: &str, body: &str, at_ms: i64) -> String {
        let message_sid = sid("SM");
        let mut town = self.world.town();
        let late_ms = town.faults.late_in_list();
        town.add(Message {
            sid: message_sid.clone(),
            direction: Direction::OutboundApi,
            from: Some(from.to_owned()),
            to: to.to_owned(),
            service: None,
            body: body.to_owned(),
            status: "delivered".into(),
            error_code: None,
            media: Vec::new(),
            created_ms: at_ms,
            updated_ms: at_ms,
            listed_ms: at_ms.saturating_add(late_ms),
            hidden: false,
        });
        message_sid
    }
}
