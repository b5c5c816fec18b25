//! Our numbers: taken over from Twilio, chosen by the owner, and where what arrives on them goes.

use crate::{
    Inbox, Problem, Reach,
    before::Before,
    overrides::{self, Services},
    pointing::Meant,
    view,
};
use ringdesk_domain::Address;
use ringdesk_store::{KnownNumber, Line};
use ringdesk_twilio::rest::Number;

/// Where the addresses are kept that lines were pointed to, as JSON, newest first: each with our prefix.
const POINTED_TO: &str = "pointed_to";
/// So many of them. A passing tunnel has another one each day.
const EARLIER: usize = 20;
/// What a number that was never set up is pointed at.
const DEMO: &str = "demo.twilio.com";
/// The path of a Ringdesk that was not told otherwise.
const USUAL_PREFIX: &str = "/phone/twilio";

/// The account's numbers as Twilio lists them, and what the office knows of each.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) numbers: Vec<Number>,
    /// In use or not.
    pub(crate) lines: Vec<Line>,
}

impl Listed {
    /// A number of the account by its line.
    pub(crate) fn of(&self, line: &Line) -> Option<&Number> {
        self.numbers.iter().find(|number| number.phone_number == line.number.as_str())
    }

    /// The lines in use that are still on the account.
    pub(crate) fn used(&self) -> impl Iterator<Item = (&Line, &Number)> {
        self.lines.iter().filter(|line| line.used).filter_map(|line| Some((line, self.of(line)?)))
    }

    /// Takes over how Twilio answered a change of a number.
    pub(crate) fn became(&mut self, changed: Option<Number>) {
        let Some(changed) = changed else { return };
        if let Some(number) = self.numbers.iter_mut().find(|number| number.sid == changed.sid) {
            *number = changed;
        }
    }

    fn line(&self, number: &Number) -> Option<&Line> {
        self.lines.iter().find(|line| line.number.as_str() == number.phone_number)
    }
}

/// The addresses that are ours, and those that were.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ours {
    now: Option<String>,
    earlier: Vec<String>,
    prefix: String,
    backup: Option<String>,
}

impl Ours {
    /// Whether an address is this computer's, as it is reached now.
    pub(crate) fn is_now(&self, url: &str) -> bool {
        self.now.as_deref().is_some_and(|base| is_under(url, base))
    }

    /// Whether an address is or was this computer's.
    pub(crate) fn is_or_was(&self, url: &str) -> bool {
        self.is_now(url) || self.earlier.iter().any(|base| is_under(url, base))
    }

    /// Whether a number posts to an address that was this computer's and is not any more.
    pub(crate) fn is_behind(&self, number: &Number) -> bool {
        let old = |url: &str| !self.is_now(url) && self.is_or_was(url);
        let can = number.capabilities;
        let asked = [(can.sms, &number.sms_url), (can.voice, &number.voice_url)];
        asked.iter().any(|(can, url)| *can && url.as_deref().is_some_and(old))
    }

    /// Whether we wrote it: it is or was this computer's, or it is the sleep backup.
    pub(crate) fn wrote(&self, url: &str) -> bool {
        self.is_or_was(url) || self.backup.as_deref() == Some(url)
    }

    /// Who answers at an address.
    fn answers(&self, url: Option<&str>) -> view::Answers {
        let Some(url) = url else { return view::Answers::Nowhere };
        if self.is_now(url) {
            return view::Answers::Here;
        }
        if host(url) == Some(DEMO) {
            return view::Answers::Demo;
        }
        let path = url.split(['?', '#']).next().unwrap_or("");
        let like_ours = |prefix: &str| {
            ["/sms/inbound", "/voice/inbound"].iter().any(|end| path.ends_with(&format!("{prefix}{end}")))
        };
        if !self.is_or_was(url) && (like_ours(USUAL_PREFIX) || like_ours(&self.prefix)) {
            return view::Answers::OtherDesk;
        }
        view::Answers::Elsewhere
    }

    /// Who answers a number, and at which host where that is neither here nor Twilio's own.
    pub(crate) fn answer(&self, number: &Number) -> (view::Answers, Option<String>) {
        use crate::view::Answers::{Demo, Elsewhere, Here, Nowhere, OtherDesk};
        let can = number.capabilities;
        let asked = [(can.sms, &number.sms_url), (can.voice, &number.voice_url)];
        let urls: Vec<Option<&str>> =
            asked.iter().filter(|(can, _)| *can).map(|(_, url)| url.as_deref()).collect();
        // Where texts and calls part, the one that is not ours is what the owner has to know.
        let found = [OtherDesk, Elsewhere, Demo, Here].into_iter().find_map(|one| {
            urls.iter().find(|url| url.is_some() && self.answers(**url) == one).map(|url| (one, *url))
        });
        match found {
            Some((one @ (OtherDesk | Elsewhere), url)) => (one, url.and_then(host).map(str::to_owned)),
            Some((one, _)) => (one, None),
            None => (Nowhere, None),
        }
    }
}

/// The host of an address, with its port.
pub(crate) fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    host.rsplit('@').next().filter(|host| !host.is_empty())
}

fn is_under(url: &str, base: &str) -> bool {
    url.strip_prefix(base).is_some_and(|rest| rest.starts_with('/'))
}

/// What the owner calls a number at Twilio; unless that is the number again, however it is written.
fn own_name(number: &Number) -> Option<&str> {
    let name = number.friendly_name.trim();
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    let again = !name.chars().any(char::is_alphabetic) && number.phone_number.ends_with(&digits);
    (!name.is_empty() && !again).then_some(name)
}

impl Inbox {
    /// Takes over the account's numbers as lines. `point_here`: also has Twilio post what arrives on the
    /// lines in use to our public address, where there is one.
    pub async fn know_lines(&self, point_here: bool) -> Result<usize, Problem> {
        let reach = self.reach().ok_or(Problem::NotConnected)?;
        let _turn = self.0.pointing.lock().await;
        let mut listed = self.take_over_numbers(&reach).await?;
        if point_here && reach.public.is_some() && self.locked().await?.is_none() {
            self.point(&reach, &mut listed, Meant::All, false).await?;
            // The first look may have seen them before that.
            self.look_over_soon();
        }
        Ok(listed.numbers.len())
    }

    /// The numbers of the account, and where what arrives on them goes.
    pub async fn account_numbers(&self) -> Result<Vec<view::AccountNumber>, Problem> {
        let reach = self.reach().ok_or(Problem::NotConnected)?;
        let listed = self.take_over_numbers(&reach).await?;
        let services = Services::of(&reach.client).await?;
        self.number_views(&reach, &listed, &services).await
    }

    /// Makes these numbers, E.164, the lines, and no others: those are left alone from now on.
    pub async fn choose_lines(&self, numbers: &[String]) -> Result<Vec<view::AccountNumber>, Problem> {
        let reach = self.reach().ok_or(Problem::NotConnected)?;
        let mut listed = self.take_over_numbers(&reach).await?;
        // Once they are chosen nothing may read as if they were not.
        let services = Services::of(&reach.client).await?;
        let there = |wanted: &&String| listed.numbers.iter().any(|number| number.phone_number == **wanted);
        let chosen = numbers.iter().filter(there).map(|number| Address::received(number)).collect();
        if !self.store().choose_lines(chosen, self.now()).await? {
            return Err(Problem::Told {
                code: "no_lines",
                message: "Pick at least one number.".into(),
                hint: "Texts and calls need a number of this Twilio account.".into(),
            });
        }
        self.relearn_rules().await;
        // A line is never rung by the sleep backup.
        self.0.backing.notify_one();
        listed.lines = self.store().all_lines().await?;
        self.look_at_new_lines(&listed.lines).await?;
        self.number_views(&reach, &listed, &services).await
    }

    /// A line that was never listed is listed soon: what is older than that is of before.
    async fn look_at_new_lines(&self, lines: &[Line]) -> Result<(), Problem> {
        let cursors = self.store().cursors().await?;
        let is_new =
            |line: &Line| line.used && !cursors.iter().any(|cursor| cursor.number == line.number.as_str());
        if lines.iter().any(is_new) {
            self.catch_up_soon();
        }
        Ok(())
    }

    /// Who answers each line in use, by its number. Asks Twilio, and writes nothing.
    pub(crate) async fn answering(&self) -> Result<Vec<(String, view::Answers)>, Problem> {
        let reach = self.reach().ok_or(Problem::NotConnected)?;
        let (listed, ours) = (self.look_at_numbers(&reach).await?, self.ours(&reach).await?);
        let answering =
            listed.used().map(|(line, number)| (line.number.as_str().to_owned(), ours.answer(number).0));
        Ok(answering.collect())
    }

    /// Asks Twilio for the account's numbers.
    pub(crate) async fn look_at_numbers(&self, reach: &Reach) -> Result<Listed, Problem> {
        let numbers = reach.client.numbers().await;
        self.twilio_answers(numbers.as_ref().err());
        Ok(Listed { numbers: numbers?, lines: self.store().all_lines().await? })
    }

    /// Asks Twilio for the account's numbers, and keeps what is new.
    pub(crate) async fn take_over_numbers(&self, reach: &Reach) -> Result<Listed, Problem> {
        let mut listed = self.look_at_numbers(reach).await?;
        let known = listed.numbers.iter().map(|number| KnownNumber {
            number: Address::received(&number.phone_number),
            provider_sid: number.sid.clone(),
            name: own_name(number).unwrap_or_default().to_owned(),
            takes_texts: number.capabilities.sms,
        });
        let known = known.collect();
        self.store().belongs_to(reach.client.account_sid().to_owned()).await?;
        self.store().know_lines(known, self.now()).await?;
        listed.lines = self.store().all_lines().await?;
        self.relearn_rules().await;
        self.look_at_new_lines(&listed.lines).await?;
        Ok(listed)
    }

    /// The addresses that are ours, and those lines were pointed to before.
    pub(crate) async fn ours(&self, reach: &Reach) -> Result<Ours, Problem> {
        Ok(Ours {
            now: reach.plain(""),
            earlier: self.pointed_to().await?,
            prefix: reach.prefix.clone(),
            backup: self.hosted_at().await?,
        })
    }

    async fn pointed_to(&self) -> Result<Vec<String>, Problem> {
        let kept = self.store().meta(POINTED_TO).await?;
        Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()).unwrap_or_default())
    }

    /// Keeps that lines are pointed to `base` from now on: later it is known to have been ours.
    pub(crate) async fn will_point_to(&self, base: String) -> Result<(), Problem> {
        let mut bases = self.pointed_to().await?;
        if bases.first() != Some(&base) {
            bases.retain(|earlier| *earlier != base);
            bases.insert(0, base);
            bases.truncate(EARLIER);
            let bases = serde_json::to_string(&bases).map_err(std::io::Error::from)?;
            self.store().set_meta(POINTED_TO, Some(bases), None).await?;
        }
        Ok(())
    }

    /// The addresses of before are another computer's: lines that post there are not followed. The caller holds
    /// `pointing`.
    pub(crate) async fn forget_addresses(&self) -> Result<(), Problem> {
        let here = self.reach().and_then(|reach| reach.plain(""));
        let mut bases = self.pointed_to().await?;
        bases.retain(|base| Some(base) == here.as_ref());
        let bases = serde_json::to_string(&bases).map_err(std::io::Error::from)?;
        Ok(self.store().set_meta(POINTED_TO, Some(bases), None).await?)
    }

    async fn number_views(
        &self,
        reach: &Reach,
        listed: &Listed,
        services: &Services,
    ) -> Result<Vec<view::AccountNumber>, Problem> {
        let ours = self.ours(reach).await?;
        let rules = self.rules();
        let views = listed.numbers.iter().map(|number| {
            let line = listed.line(number);
            let (answers, answers_at) = ours.answer(number);
            view::AccountNumber {
                display: Address::received(&number.phone_number).display(&rules.settings.region),
                number: number.phone_number.clone(),
                name: own_name(number).map(str::to_owned),
                texts: number.capabilities.sms,
                pictures: number.capabilities.mms,
                calls: number.capabilities.voice,
                used: line.is_some_and(|line| line.used),
                answers,
                answers_at,
                overrides: overrides::of(number, services, listed),
                restorable: line.and_then(Before::of).is_some(),
            }
        });
        Ok(views.collect())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::view::Answers::{Demo, Elsewhere, Here, Nowhere, OtherDesk};
    use ringdesk_twilio::rest::Capabilities;

    /// A number nobody has pointed anywhere.
    pub(crate) fn bare(number: &str) -> Number {
        Number {
            sid: "PN0123456789abcdef0123456789abcdef".into(),
            phone_number: number.into(),
            friendly_name: number.into(),
            capabilities: Capabilities { sms: true, mms: true, voice: true },
            sms_url: None,
            sms_method: None,
            sms_fallback_url: None,
            sms_fallback_method: None,
            voice_url: None,
            voice_method: None,
            voice_fallback_url: None,
            voice_fallback_method: None,
            status_callback: None,
            status_callback_method: None,
            sms_application_sid: None,
            voice_application_sid: None,
            trunk_sid: None,
            voice_receive_mode: None,
        }
    }

    pub(crate) fn ours() -> Ours {
        Ours {
            now: Some("https://desk.example.com/phone/twilio".into()),
            earlier: vec!["https://old.example.com/phone/twilio".into()],
            prefix: "/phone/twilio".into(),
            backup: Some("https://handler.twilio.com/twiml/EH1".into()),
        }
    }

    #[test]
    fn who_answers_is_told_by_the_address() {
        for (url, answers) in [
            ("https://desk.example.com/phone/twilio/sms/inbound#rc=5&rp=all", Here),
            ("https://desk.example.com/phone/twilio-two/sms/inbound", Elsewhere),
            ("https://old.example.com/phone/twilio/voice/inbound", Elsewhere),
            ("https://another.example.com/phone/twilio/voice/inbound#rc=2", OtherDesk),
            ("https://demo.twilio.com/welcome/sms/reply", Demo),
            ("https://demo.twilio.com.example.com/", Elsewhere),
            ("https://example.com/voice/inbound", Elsewhere),
        ] {
            assert_eq!(ours().answers(Some(url)), answers, "{url}");
        }
        assert_eq!(ours().answers(None), Nowhere);
    }

    #[test]
    fn where_texts_and_calls_part_the_stranger_is_named() {
        let mut number = bare("+14155550100");
        assert_eq!(ours().answer(&number), (Nowhere, None));
        number.sms_url = Some("https://desk.example.com/phone/twilio/sms/inbound".into());
        assert_eq!(ours().answer(&number), (Here, None));
        number.voice_url = Some("https://pbx.example.com:8443/answer".into());
        assert_eq!(ours().answer(&number), (Elsewhere, Some("pbx.example.com:8443".into())));
        number.capabilities.voice = false;
        assert_eq!(ours().answer(&number), (Here, None), "it takes no calls");
    }

    #[test]
    fn only_what_was_ours_and_is_not_any_more_is_behind() {
        let mut number = bare("+14155550100");
        assert!(!ours().is_behind(&number));
        number.voice_url = Some("https://pbx.example.com/answer".into());
        number.sms_url = Some("https://desk.example.com/phone/twilio/sms/inbound".into());
        assert!(!ours().is_behind(&number));
        number.sms_url = Some("https://old.example.com/phone/twilio/sms/inbound#rc=5&rp=all".into());
        assert!(ours().is_behind(&number));
        number.capabilities.sms = false;
        assert!(!ours().is_behind(&number), "it takes no texts");
    }

    #[test]
    fn a_name_that_is_the_number_again_is_none() {
        let mut number = bare("+14155550100");
        for (name, own) in [
            ("+14155550100", None),
            ("(415) 555-0100", None),
            ("", None),
            (" Front desk ", Some("Front desk")),
            ("Desk 0100", Some("Desk 0100")),
            ("415 555 0199", Some("415 555 0199")),
        ] {
            number.friendly_name = name.into();
            assert_eq!(own_name(&number), own, "{name}");
        }
    }
}
