//! Money on the account.

use super::{known::Known, words::Subject};
use crate::view::Check;
use ringdesk_twilio::rest::Balance;

const SUBJECT: Subject = Subject {
    id: "balance",
    title: "Balance",
    why: "Twilio stops texts and calls when there is no money left on the account.",
};

/// Below these amounts it is low, and as good as gone.
const LOW: f64 = 5.0;
const GONE: f64 = 1.0;
const HINT: &str = "Add money at Twilio, under Billing, or let Twilio add it by itself when it runs low.";

pub(super) fn check(known: &Known) -> Check {
    let balance = match known.asked(|live| &live.balance) {
        Ok(balance) => balance,
        Err(why) => return SUBJECT.unknown(why),
    };
    let Ok(amount) = balance.balance.trim().parse::<f64>() else {
        return SUBJECT.unknown("Twilio’s answer couldn’t be read.");
    };
    let money = money(balance);
    if amount < GONE {
        SUBJECT.fail(format!("{money}: as good as nothing"), HINT)
    } else if amount < LOW {
        SUBJECT.warn(format!("{money}: running low"), HINT)
    } else {
        SUBJECT.pass(money)
    }
}

/// An amount as people write it.
fn money(balance: &Balance) -> String {
    let amount = balance.balance.trim();
    let amount = amount.parse::<f64>().map_or_else(|_| amount.to_owned(), |amount| format!("{amount:.2}"));
    match (balance.currency.as_str(), amount.strip_prefix('-')) {
        ("USD", Some(owed)) => format!("-${owed}"),
        ("USD", None) => format!("${amount}"),
        (currency, _) => format!("{amount} {currency}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_written_as_people_write_it() {
        for (balance, currency, written) in [
            ("18.4", "USD", "$18.40"),
            ("-0.5", "USD", "-$0.50"),
            ("7", "EUR", "7.00 EUR"),
            ("?", "USD", "$?"),
        ] {
            let balance = Balance { balance: balance.into(), currency: currency.into() };
            assert_eq!(money(&balance), written);
        }
    }
}
