//! Caring for whoever was missed: a text back, once, where the owner wants it and it is still welcome.

use crate::{Inbox, send_text::time_of_day};
use ringdesk_domain::{
    Actor, Address, Moment, Settings, TextId, address::AddressKind, consent::Consent, segments,
};
use ringdesk_store::{NewText, StoreError, ToCare};

impl Inbox {
    /// Cares for missed calls until the inbox closes; also for those of before a crash.
    pub(crate) async fn run_care(self) {
        loop {
            if let Err(error) = self.care_for_missed().await {
                self.rest(&error).await;
                if !self.0.stop.is_cancelled() {
                    continue;
                }
            }
            tokio::select! {
                () = self.0.stop.cancelled() => break,
                () = self.0.caring.notified() => {}
            }
        }
    }

    async fn care_for_missed(&self) -> Result<(), StoreError> {
        loop {
            let missed = self.store().calls_to_care(20).await?;
            if missed.is_empty() {
                return Ok(());
            }
            for call in missed {
                let (now, rules) = (self.now(), self.rules());
                let text = self.text_back(&call, &rules.settings, now).await?;
                let hours = i64::from(rules.settings.calls.text_back.hours);
                let lately = now.plus_ms(-hours * 60 * 60_000);
                if self.store().care(call.id, text, lately, now).await? {
                    self.0.outbox.notify_one();
                }
            }
        }
    }

    /// What they are texted, if anything.
    async fn text_back(
        &self,
        call: &ToCare,
        settings: &Settings,
        now: Moment,
    ) -> Result<Option<NewText>, StoreError> {
        let back = &settings.calls.text_back;
        let quiet = settings.texts.quiet_hours.is_some_and(|hours| hours.hold_at(time_of_day(now, settings)));
        let welcome = back.on
            && !quiet
            && now.since(call.at) <= i64::from(back.within_minutes) * 60_000
            // A call from a short code or a hidden number has nobody to write to.
            && call.customer.kind() == AddressKind::Number
            // Whoever answers the line cares for its callers.
            && self.seen().elsewhere.lines.is_empty()
            && !self.is_ours(&call.customer)
            && !self.rules().is_blocked(&call.customer);
        if !welcome {
            return Ok(None);
        }
        let store = self.store();
        let Some(row) = store.conversation(call.conversation).await? else { return Ok(None) };
        let line = store.line(row.line).await?;
        let sends =
            line.is_some_and(|line| line.takes_texts) || settings.texts.messaging_service_sid.is_some();
        if row.consent == Consent::OptedOut || !sends {
            return Ok(None);
        }
        let body = filled(&back.body, settings, row.name.as_deref());
        Ok(Some(NewText {
            id: TextId::new(now),
            conversation: call.conversation,
            segments: segments::measure(&body).segments,
            body,
            pictures: Vec::new(),
            actor: Actor::Desk,
            at: now,
            due_at: now,
            resend_of: None,
        }))
    }
}

impl Inbox {
    /// Whether a number is a line or a phone of ours.
    fn is_ours(&self, number: &Address) -> bool {
        let rules = self.rules();
        let calls = &rules.settings.calls;
        let own = rules.settings.lines.values().filter_map(|rules| rules.phones.as_ref()).flatten();
        let mut phones = calls.phones.iter().chain(&calls.after_hours_phones).chain(own);
        rules.lines.iter().any(|line| line == number.as_str())
            || phones.any(|phone| phone.number == number.as_str())
    }
}

/// A template with its names in place; one we do not know leaves no hole.
fn filled(template: &str, settings: &Settings, name: Option<&str>) -> String {
    let first = name.and_then(|name| name.split_whitespace().next()).unwrap_or("");
    let mut text = template.to_owned();
    for (variable, value) in [("{business}", settings.business_name.trim()), ("{name}", first)] {
        if value.is_empty() {
            for hole in [format!(", {variable}"), format!(" {variable}")] {
                text = text.replace(&hole, "");
            }
        }
        text = text.replace(variable, value);
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_known_leaves_no_hole() {
        let settings = Settings { business_name: "Bell & Daughter".into(), ..Settings::default() };
        let text = |template: &str, name| filled(template, &settings, name);
        assert_eq!(
            text("Hi {name}, {business} here.", Some("Priya Nair")),
            "Hi Priya, Bell & Daughter here."
        );
        assert_eq!(text("Hi {name}, {business} here.", None), "Hi, Bell & Daughter here.");
        assert_eq!(text("Sorry, {name}!", None), "Sorry!");
        let nameless = filled("We missed you. {business}", &Settings::default(), None);
        assert_eq!(nameless, "We missed you.");
    }
}
