//! Whether US carriers know who texts from the lines (A2P 10DLC): the brand, the campaign, the numbers in it.

use super::{
    known::{Known, Pool},
    words::{Subject, discreet, listed},
};
use crate::view::Check;
use ringdesk_twilio::rest::Brand;

const SUBJECT: Subject = Subject {
    id: "a2p",
    title: "US texting registration",
    why: "US carriers block texts from businesses they don’t know. Each number that texts needs a registered \
          campaign, and the campaign a registered business behind it.",
};

const HINT: &str = "Register at Twilio, under Messaging and Regulatory Compliance. It takes some days.";

pub(super) fn check(known: &Known) -> Check {
    if known.is_practice() {
        return SUBJECT.unknown("A practice line needs none.");
    }
    let lines = known.registered_lines();
    if lines.is_empty() {
        return SUBJECT.pass("Your lines don’t need one");
    }
    let (pools, brands) = match (known.asked(|live| &live.pools), known.asked(|live| &live.brands)) {
        (Ok(pools), Ok(brands)) => (pools, brands),
        (Err(why), _) | (_, Err(why)) => return SUBJECT.unknown(why),
    };
    let details = details(pools, brands);
    let refused = |status: &str| matches!(status, "FAILED" | "SUSPENDED");
    let campaigns = || pools.iter().flat_map(|pool| &pool.campaigns);
    if let Some(campaign) = campaigns().find(|campaign| refused(&campaign.campaign_status)) {
        let said = match campaign.campaign_status.as_str() {
            "SUSPENDED" => "The campaign is suspended: carriers block your texts",
            _ => "The campaign was refused: carriers block your texts",
        };
        let hint = "Twilio’s console says why, under Messaging. Correct it and hand it in again.";
        return SUBJECT.fail(said, hint).detailed(details);
    }
    let verified =
        |pool: &&Pool| pool.campaigns.iter().any(|campaign| campaign.campaign_status == "VERIFIED");
    let covered = |number: &str| {
        pools
            .iter()
            .filter(verified)
            .any(|pool| pool.senders.iter().any(|sender| sender.phone_number == number))
    };
    let open: Vec<String> = lines
        .iter()
        .filter(|line| !covered(line.number.as_str()))
        .map(|line| known.display(line.number.as_str()))
        .collect();
    if open.is_empty() {
        return SUBJECT.pass("Registered").detailed(details);
    }
    if pools.iter().any(|pool| verified(&pool)) {
        let hint = "Add the number to the Messaging Service of the registered campaign, at Twilio.";
        let said =
            format!("{} isn’t in the registered campaign. Carriers may block its texts.", listed(&open));
        return SUBJECT.warn(said, hint).detailed(details);
    }
    if campaigns().next().is_some() {
        let hint = "There is nothing to do but wait. Calls work meanwhile.";
        return SUBJECT
            .warn("Under review. Some carriers may block texts until then.", hint)
            .detailed(details);
    }
    let brand = |wanted: &dyn Fn(&str) -> bool| brands.iter().any(|brand| wanted(&brand.status));
    let said = if brand(&|status| status == "APPROVED") {
        "Your business is registered, but no campaign is. Carriers may block texts until then."
    } else if brand(&|status| matches!(status, "PENDING" | "IN_REVIEW")) {
        "Your business is under review. Some carriers may block texts until then."
    } else if brand(&refused) {
        let hint = "Twilio’s console says why, under Messaging. Correct it and hand it in again.";
        return SUBJECT.fail("Your business was refused: carriers block your texts", hint).detailed(details);
    } else {
        "Not registered yet. US carriers may block texts until then."
    };
    SUBJECT.warn(said, HINT).detailed(details)
}

fn details(pools: &[Pool], brands: &[Brand]) -> Vec<String> {
    let because = |why: Option<String>| why.map(|why| format!(" ({})", discreet(&why))).unwrap_or_default();
    let brands = brands.iter().map(|brand| {
        format!("Brand {}: {}{}", brand.sid, brand.status, because(brand.failure_reason.clone()))
    });
    let campaigns = pools.iter().flat_map(|pool| &pool.campaigns).map(|campaign| {
        let why = (!campaign.errors.is_empty()).then(|| campaign.errors.join("; "));
        format!("Campaign {}: {}{}", campaign.sid, campaign.campaign_status, because(why))
    });
    brands.chain(campaigns).collect()
}
