//! Stories told through the practice line. The list of modules is the table of contents.
#![allow(missing_docs, reason = "the names of the tests are their documentation")]

mod a_crash_loses_nothing;
mod calls;
mod consent;
mod delivery_tells_the_truth;
mod downloads;
mod headless_host;
mod keeping;
mod letters;
mod news;
mod odd_bodies;
mod official_libraries;
mod pictures;
mod replies;
mod slow_strangers;
mod texts_arrive;
mod transcripts;
mod twilios_document;
mod unsettled_sends;
mod unsigned_requests;
mod voicemail;
