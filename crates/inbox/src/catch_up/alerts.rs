//! Requests that failed, as Twilio's alerts keep them whole: they tell what a list does not, such as whether
//! Advanced Opt-Out read a word in a text, and who else is in a group.

use super::{Part, Pass, each};
use crate::Inbox;
use ringdesk_twilio::{Form, post::InboundText, rest::Message};
use std::collections::{HashMap, HashSet};

/// Alerts looked at, and requests read of them, at most.
const ALERTS: usize = 1_000;
const REQUESTS: usize = 200;

impl Inbox {
    /// What was posted of these texts in vain, by their SIDs. Where alerts are not given out, the list has to
    /// do.
    pub(super) async fn posted_in_vain(
        &self,
        pass: &Pass<'_>,
        part: &Part,
        texts: &[Message],
    ) -> HashMap<String, InboundText> {
        let wanted: HashSet<&str> = texts.iter().map(|text| text.sid.as_str()).collect();
        // Where there are too many, those that may be a word about consent go first.
        let mut order: Vec<(usize, &str)> =
            texts.iter().map(|text| (text.body.as_deref().map_or(0, str::len), text.sid.as_str())).collect();
        order.sort_unstable();
        // Alerts do not reach far back.
        if wanted.is_empty() || part.to.is_some() {
            return HashMap::new();
        }
        let client = &pass.reach.client;
        let posted = async {
            let alerts = client.alerts(part.from.0, ALERTS).await?;
            let about = |sid: &Option<String>| sid.as_deref().is_some_and(|sid| wanted.contains(sid));
            let kept: HashMap<String, String> = alerts
                .into_iter()
                .filter(|alert| about(&alert.resource_sid))
                .filter_map(|alert| Some((alert.resource_sid?, alert.sid)))
                .collect();
            if kept.len() > REQUESTS {
                tracing::info!(alerts = kept.len(), "more requests failed than are read");
            }
            let sids = order.iter().filter_map(|(_, sid)| kept.get(*sid).cloned());
            each(sids.take(REQUESTS).collect(), |sid: String| {
                let client = client.clone();
                async move { client.failed_request(&sid).await }
            })
            .await
        };
        let posted = match posted.await {
            Ok(posted) => posted,
            Err(error) => {
                tracing::info!(%error, "alerts could not be read");
                return HashMap::new();
            }
        };
        let account = client.account_sid();
        let forms = posted.into_iter().filter_map(|(_, form)| Form::parse(&form?).ok());
        let ours = forms.filter(|form| form.text("AccountSid") == Some(account));
        let texts = ours.filter_map(|form| InboundText::read(&form).ok());
        let ours = texts.filter(|text| text.to == part.cursor.number);
        ours.map(|text| (text.message_sid.clone(), text)).collect()
    }
}
