//! Stories told through the practice line. The list of modules is the table of contents.
#![allow(missing_docs, reason = "the names of the tests are their documentation")]

mod a_crash_loses_nothing;
mod backup;
mod calls;
mod catching_up;
mod consent;
mod delivery_tells_the_truth;
mod doctor;
mod downloads;
mod headless_host;
mod keeping;
mod letters;
mod lines;
mod news;
mod odd_bodies;
mod official_libraries;
mod our_requests;
mod pictures;
mod public_address;
mod reaching;
mod replies;
mod setting_up;
mod slow_strangers;
mod texts_arrive;
mod tokens;
mod transcripts;
mod tunnels;
mod twilios_document;
mod unsettled_sends;
mod unsigned_requests;
mod voicemail;
mod webhook_log;
