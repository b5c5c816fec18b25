//! The sending lock: data that was restored, or that came from another computer, sends nothing and changes
//! nothing at Twilio by itself until the owner says that this computer may. Its older self may still do so.

use crate::{Inbox, Problem, view::SendingLock};
use ringdesk_store::StoreError;

impl Inbox {
    /// The data is on this computer, by a name of the host's that says nothing of it. Whoever opens an office
    /// says so before anything runs: on another computer than before, nothing is sent.
    pub async fn lives_on(&self, computer: &str) -> Result<(), StoreError> {
        self.store().lives_on(computer, self.now()).await
    }

    /// This computer may send again. What waited too long meanwhile is asked about first.
    pub async fn unlock_sending(&self) -> Result<(), Problem> {
        if self.locked().await?.is_none() {
            return Ok(());
        }
        let turn = self.0.pointing.lock().await;
        if !self.store().is_home().await? {
            self.forget_addresses().await?;
        }
        self.store().set_sending_lock(None, self.now()).await?;
        drop(turn);
        tracing::info!("this computer may send again");
        self.seen().compare = true;
        self.knock_soon();
        self.look_over_soon();
        self.nudge();
        Ok(())
    }

    /// Why nothing is sent, if that is so.
    pub(crate) async fn locked(&self) -> Result<Option<SendingLock>, StoreError> {
        let why = self.store().sending_lock().await?;
        Ok(why.map(|why| if why == "copied" { SendingLock::Copied } else { SendingLock::Restored }))
    }
}
