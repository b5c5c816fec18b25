//! Our numbers: taken over from Twilio, and told where to post.

use crate::{Inbox, Problem};
use ringdesk_domain::Address;
use ringdesk_store::KnownNumber;
use ringdesk_twilio::rest::{Number, Webhooks};

impl Inbox {
    /// Takes over the account's numbers as lines. `point_here`: also tells Twilio to post their texts
    /// and calls to our public address.
    pub async fn know_lines(&self, point_here: bool) -> Result<usize, Problem> {
        let reach = self.reach().ok_or(Problem::NotConnected)?;
        let numbers = reach.client.numbers().await;
        self.twilio_answers(numbers.is_ok());
        let numbers = numbers?;
        if point_here {
            let webhooks = Webhooks {
                sms_url: reach.webhook("/sms/inbound"),
                sms_fallback_url: reach.webhook("/sms/fallback"),
                voice_url: reach.webhook("/voice/inbound"),
                voice_fallback_url: reach.webhook("/voice/fallback"),
                status_callback: reach.webhook("/voice/status"),
            };
            let points_here = |number: &Number| {
                number.sms_url.as_deref() == Some(&webhooks.sms_url)
                    && number.voice_url.as_deref() == Some(&webhooks.voice_url)
                    && number.status_callback.as_deref() == Some(&webhooks.status_callback)
            };
            for number in numbers.iter().filter(|number| !points_here(number)) {
                reach.client.set_webhooks(&number.sid, &webhooks).await?;
            }
        }
        let known: Vec<KnownNumber> = numbers
            .into_iter()
            .map(|number| KnownNumber {
                name: if number.friendly_name == number.phone_number {
                    String::new()
                } else {
                    number.friendly_name
                },
                number: Address::received(&number.phone_number),
                provider_sid: number.sid,
                takes_texts: number.capabilities.sms,
            })
            .collect();
        let count = known.len();
        self.store().belongs_to(reach.client.account_sid().to_owned()).await?;
        self.store().know_lines(known, self.now()).await?;
        self.relearn_rules().await;
        Ok(count)
    }
}
