//! Public holidays, to be taken over into the owner's own list. Dates only; nobody's law is interpreted.

use crate::hours::{Day, Holiday, Weekday};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The public holidays of a country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Pack {
    /// Two letters, such as `US`.
    pub country: String,
    /// As people call it.
    pub name: String,
    /// Through the year.
    pub holidays: Vec<Holiday>,
}

fn yearly(name: &str, month: i8, day: i8) -> Holiday {
    holiday(name, Day::Yearly { month, day })
}

fn nth(name: &str, nth: i8, weekday: Weekday, month: i8) -> Holiday {
    holiday(name, Day::Nth { month, weekday, nth })
}

fn easter(name: &str, offset: i16) -> Holiday {
    holiday(name, Day::Easter { offset })
}

fn holiday(name: &str, day: Day) -> Holiday {
    Holiday { name: name.into(), day, windows: Vec::new(), greeting: String::new() }
}

/// Every pack there is; days no rule of ours can say (Victoria Day, Saint Brigid's Day) are left out. Sources: 5 U.S.C. 6103(a); Canada Labour Code, s. 166; gov.uk/bank-holidays
/// (England and Wales); Fair Work Act 2009, s. 115 (national days); Organisation of Working Time Act 1997
/// (Ireland), second schedule, as amended.
pub fn all() -> Vec<Pack> {
    use Weekday::{Monday, Thursday};
    let pack =
        |country: &str, name: &str, holidays| Pack { country: country.into(), name: name.into(), holidays };
    vec![
        pack(
            "US",
            "United States",
            vec![
                yearly("New Year's Day", 1, 1),
                nth("Martin Luther King Jr. Day", 3, Monday, 1),
                nth("Presidents' Day", 3, Monday, 2),
                nth("Memorial Day", -1, Monday, 5),
                yearly("Juneteenth", 6, 19),
                yearly("Independence Day", 7, 4),
                nth("Labor Day", 1, Monday, 9),
                nth("Columbus Day", 2, Monday, 10),
                yearly("Veterans Day", 11, 11),
                nth("Thanksgiving", 4, Thursday, 11),
                yearly("Christmas Day", 12, 25),
            ],
        ),
        pack(
            "CA",
            "Canada",
            vec![
                yearly("New Year's Day", 1, 1),
                easter("Good Friday", -2),
                yearly("Canada Day", 7, 1),
                nth("Labour Day", 1, Monday, 9),
                yearly("National Day for Truth and Reconciliation", 9, 30),
                nth("Thanksgiving", 2, Monday, 10),
                yearly("Remembrance Day", 11, 11),
                yearly("Christmas Day", 12, 25),
                yearly("Boxing Day", 12, 26),
            ],
        ),
        pack(
            "GB",
            "England and Wales",
            vec![
                yearly("New Year's Day", 1, 1),
                easter("Good Friday", -2),
                easter("Easter Monday", 1),
                nth("Early May bank holiday", 1, Monday, 5),
                nth("Spring bank holiday", -1, Monday, 5),
                nth("Summer bank holiday", -1, Monday, 8),
                yearly("Christmas Day", 12, 25),
                yearly("Boxing Day", 12, 26),
            ],
        ),
        pack(
            "IE",
            "Ireland",
            vec![
                yearly("New Year's Day", 1, 1),
                yearly("Saint Patrick's Day", 3, 17),
                easter("Easter Monday", 1),
                nth("May Day", 1, Monday, 5),
                nth("June holiday", 1, Monday, 6),
                nth("August holiday", 1, Monday, 8),
                nth("October holiday", -1, Monday, 10),
                yearly("Christmas Day", 12, 25),
                yearly("Saint Stephen's Day", 12, 26),
            ],
        ),
        pack(
            "AU",
            "Australia",
            vec![
                yearly("New Year's Day", 1, 1),
                yearly("Australia Day", 1, 26),
                easter("Good Friday", -2),
                easter("Easter Monday", 1),
                yearly("Anzac Day", 4, 25),
                yearly("Christmas Day", 12, 25),
                yearly("Boxing Day", 12, 26),
            ],
        ),
    ]
}
