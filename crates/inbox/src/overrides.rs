//! What is set at Twilio and silently beats a number's own addresses: whoever changes only those wonders why
//! nothing comes. Source: Twilio's pages on incoming phone numbers and Messaging Services.

use crate::{
    lines::{Listed, host},
    view::{Override, OverrideKind},
};
use ringdesk_twilio::{
    Client,
    error::RestError,
    rest::{MessagingService, Number, Sender},
    sid::is_flow,
};

/// The Messaging Services that take their numbers' texts, with those numbers.
#[derive(Debug, Default)]
pub(crate) struct Services {
    taking: Vec<(MessagingService, Vec<Sender>)>,
    /// They could not be seen: nothing is known of them.
    pub(crate) unseen: bool,
}

impl Services {
    /// None that are known of, because they could not be seen.
    pub(crate) const fn unseen() -> Self {
        Self { taking: Vec::new(), unseen: true }
    }

    /// Asks Twilio. A restricted API key may not see them.
    pub(crate) async fn of(client: &Client) -> Result<Self, RestError> {
        let services = match client.messaging_services().await {
            Err(RestError::Refused { status: status @ (403 | 404), .. }) => {
                tracing::info!(status, "the Messaging Services may not be seen");
                return Ok(Self::unseen());
            }
            services => services?,
        };
        let mut taking = Vec::new();
        for service in services.into_iter().filter(|service| !service.use_inbound_webhook_on_number) {
            let senders = client.messaging_service_senders(&service.sid).await?;
            taking.push((service, senders));
        }
        Ok(Self { taking, unseen: false })
    }

    /// The one that takes a number's texts; a number is in one at most.
    fn taking(&self, number: &Number) -> Option<&(MessagingService, Vec<Sender>)> {
        let is = |sender: &Sender| sender.sid == number.sid || sender.phone_number == number.phone_number;
        self.taking.iter().find(|(_, senders)| senders.iter().any(is)).filter(|_| number.capabilities.sms)
    }

    /// What has to be done so that the number's own addresses count.
    pub(crate) fn mend(&self, number: &Number) -> Mend {
        let set = [
            ("SmsApplicationSid", &number.sms_application_sid),
            ("VoiceApplicationSid", &number.voice_application_sid),
            ("TrunkSid", &number.trunk_sid),
        ];
        Mend {
            service: self.taking(number).map(|(service, _)| service.sid.clone()),
            clears: set.iter().filter(|(_, sid)| sid.is_some()).map(|(field, _)| *field).collect(),
        }
    }
}

/// What makes a number's own addresses count again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mend {
    /// The Messaging Service that has to leave texts to the number.
    pub(crate) service: Option<String>,
    /// Twilio's names of what has to be cleared.
    pub(crate) clears: Vec<&'static str>,
}

impl Mend {
    pub(crate) const fn is_empty(&self) -> bool {
        self.service.is_none() && self.clears.is_empty()
    }
}

/// What beats a number's own addresses, in words.
pub(crate) fn of(number: &Number, services: &Services, listed: &Listed) -> Vec<Override> {
    let mut all = Vec::new();
    if let Some((service, senders)) = services.taking(number) {
        all.push(by_service(service, senders, listed));
    }
    if let Some(sid) = number.sms_application_sid.as_ref().filter(|_| number.capabilities.sms) {
        all.push(Override {
            kind: OverrideKind::TextApplication,
            sid: sid.clone(),
            name: None,
            said: "An application at Twilio takes its texts, whatever its own address says.".into(),
            mend: Some("Take the application off this number. The application itself stays.".into()),
        });
    }
    if number.capabilities.voice {
        if let Some(sid) = &number.voice_application_sid {
            all.push(Override {
                kind: OverrideKind::CallApplication,
                sid: sid.clone(),
                name: None,
                said: "An application at Twilio takes its calls, whatever its own address says.".into(),
                mend: Some("Take the application off this number. The application itself stays.".into()),
            });
        }
        if let Some(sid) = &number.trunk_sid {
            all.push(Override {
                kind: OverrideKind::Trunk,
                sid: sid.clone(),
                name: None,
                said: "A SIP trunk takes its calls, whatever its own address says.".into(),
                mend: Some("Take this number off the trunk. The trunk itself stays.".into()),
            });
        }
    }
    all.extend(by_flow(number));
    all
}

fn by_service(service: &MessagingService, senders: &[Sender], listed: &Listed) -> Override {
    let name = service.friendly_name.trim();
    let called = if name.is_empty() { String::new() } else { format!(" “{name}”") };
    let said = match service.inbound_request_url.as_deref() {
        Some(url) => format!(
            "The Messaging Service{called} takes its texts to {}, whatever its own address says.",
            host(url).unwrap_or("another address")
        ),
        None => {
            format!("Its texts end in the Messaging Service{called}: nobody gets them, and none are kept.")
        }
    };
    let others = senders.iter().any(|sender| !listed.used().any(|(_, used)| used.sid == sender.sid));
    let mut mend = "Let this number's own address win. The service goes on sending.".to_owned();
    if others {
        mend.push_str(" Texts to its other numbers then go to those numbers' own addresses, too.");
    }
    Override {
        kind: OverrideKind::MessagingService,
        sid: service.sid.clone(),
        name: (!name.is_empty()).then(|| name.to_owned()),
        said,
        mend: Some(mend),
    }
}

/// A flow is an address like any other, but whoever made it there will want to know.
fn by_flow(number: &Number) -> Option<Override> {
    let can = number.capabilities;
    let texts = number.sms_url.as_deref().filter(|_| can.sms).and_then(flow);
    let calls = number.voice_url.as_deref().filter(|_| can.voice).and_then(flow);
    let what = match (texts, calls) {
        (Some(_), Some(_)) => "texts and calls",
        (Some(_), None) => "texts",
        (None, _) => "calls",
    };
    let sid = calls.or(texts)?;
    Some(Override {
        kind: OverrideKind::StudioFlow,
        sid: sid.to_owned(),
        name: None,
        said: format!("A Studio flow at Twilio answers its {what}."),
        mend: Some("Setting this number up takes the place of the flow. The flow itself stays.".into()),
    })
}

/// The flow an address runs: `https://webhooks.twilio.com/v1/Accounts/AC…/Flows/FW…`.
fn flow(url: &str) -> Option<&str> {
    let (_, after) = url.split_once("/v1/Accounts/")?.1.split_once("/Flows/")?;
    let sid = after.split(['/', '?', '#']).next()?;
    is_flow(sid).then_some(sid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lines::tests::bare;
    use ringdesk_domain::{Address, LineId, Moment};
    use ringdesk_store::Line;

    const FLOW: &str = "https://webhooks.twilio.com/v1/Accounts/AC1/Flows/FW0123456789abcdef0123456789abcdef";

    fn listed(numbers: Vec<Number>) -> Listed {
        let line = |number: &Number| Line {
            id: LineId::new(Moment(1)),
            number: Address::received(&number.phone_number),
            name: String::new(),
            provider_sid: None,
            takes_texts: true,
            used: true,
            before: None,
        };
        Listed { lines: numbers.iter().map(line).collect(), numbers }
    }

    fn service(inbound: Option<&str>, senders: &[(&str, &str)]) -> Services {
        let service = MessagingService {
            sid: "MG1".into(),
            friendly_name: "Reminders".into(),
            inbound_request_url: inbound.map(str::to_owned),
            use_inbound_webhook_on_number: false,
        };
        let sender = |(sid, number): &(&str, &str)| Sender {
            sid: (*sid).to_owned(),
            phone_number: (*number).to_owned(),
        };
        Services { taking: vec![(service, senders.iter().map(sender).collect())], unseen: false }
    }

    #[test]
    fn a_number_without_any_is_left_in_peace() {
        let number = bare("+14155550100");
        assert!(of(&number, &Services::default(), &listed(vec![number.clone()])).is_empty());
        assert!(Services::default().mend(&number).is_empty());
    }

    #[test]
    fn a_service_is_named_with_where_its_texts_end() {
        let number = bare("+14155550100");
        let listed = listed(vec![number.clone()]);
        let own = [(number.sid.as_str(), "+14155550100")];
        let takes = of(&number, &service(Some("https://app.example.com/in"), &own), &listed);
        assert!(takes[0].said.contains("“Reminders”") && takes[0].said.contains("app.example.com"));
        assert!(!takes[0].mend.as_deref().expect("a mend").contains("other numbers"));
        let both = [own[0], ("PN2", "+14155550199")];
        let loses = of(&number, &service(None, &both), &listed);
        assert!(loses[0].said.contains("nobody gets them"), "{loses:?}");
        assert!(loses[0].mend.as_deref().expect("a mend").contains("other numbers"));
        assert_eq!(service(None, &own).mend(&number).service.as_deref(), Some("MG1"));
    }

    #[test]
    fn applications_and_a_trunk_are_seen_and_cleared() {
        let mut number = bare("+14155550100");
        number.sms_application_sid = Some("AP1".into());
        number.trunk_sid = Some("TK1".into());
        let found = of(&number, &Services::default(), &listed(vec![number.clone()]));
        let kinds: Vec<OverrideKind> = found.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [OverrideKind::TextApplication, OverrideKind::Trunk]);
        assert_eq!(Services::default().mend(&number).clears, ["SmsApplicationSid", "TrunkSid"]);
    }

    #[test]
    fn a_flow_is_known_by_its_address() {
        assert_eq!(flow(FLOW), Some("FW0123456789abcdef0123456789abcdef"));
        assert_eq!(flow("http://127.0.0.1:9/v1/Accounts/AC1/Flows/FW1"), None);
        assert_eq!(flow("https://example.com/Flows/FW0123456789abcdef0123456789abcdef"), None);
        let mut number = bare("+14155550100");
        number.voice_url = Some(FLOW.into());
        let found = by_flow(&number).expect("a flow");
        assert_eq!(found.said, "A Studio flow at Twilio answers its calls.");
        number.sms_url = Some(FLOW.into());
        assert!(by_flow(&number).expect("a flow").said.contains("texts and calls"));
    }
}
