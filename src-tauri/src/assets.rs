//! The window's files: those the host has for a browser, so that they are carried once.

use ringdesk_server::window;
use std::borrow::Cow;
use tauri::{
    Assets, Runtime,
    utils::assets::{AssetKey, AssetsIter, CspHash},
};

pub(crate) struct Carried;

impl<R: Runtime> Assets<R> for Carried {
    fn get(&self, key: &AssetKey) -> Option<Cow<'_, [u8]>> {
        window::file(key.as_ref().trim_start_matches('/')).map(Cow::Owned)
    }

    fn iter(&self) -> Box<AssetsIter<'_>> {
        Box::new(window::names().filter_map(|name| Some((name.clone(), Cow::Owned(window::file(&name)?)))))
    }

    /// There is no script in a page: every one is a file.
    fn csp_hashes(&self, _: &AssetKey) -> Box<dyn Iterator<Item = CspHash<'_>> + '_> {
        Box::new(std::iter::empty())
    }
}
