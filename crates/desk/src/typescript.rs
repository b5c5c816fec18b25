//! The window's types, written from the same table.

use crate::{CommandError, Desk};
use ringdesk_domain::Change;
use std::{collections::BTreeMap, fmt::Write};
use ts_rs::{Config, TS, TypeVisitor};

struct Collect {
    config: Config,
    declarations: BTreeMap<String, String>,
}

impl TypeVisitor for Collect {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // Only types of ours have a file they could be written to; the rest TypeScript knows.
        if T::output_path().is_some() {
            let name = T::name(&self.config);
            if !self.declarations.contains_key(&name) {
                self.declarations.insert(name, T::decl(&self.config));
                T::visit_dependencies(self);
            }
        } else {
            T::visit_generics(self);
        }
    }
}

/// The contents of `ui/src/backend/generated/desk.ts`.
pub fn typescript() -> String {
    let mut collect = Collect { config: Config::default(), declarations: BTreeMap::new() };
    crate::visit_types(&mut collect);
    collect.visit::<Change>();
    collect.visit::<CommandError>();
    let mut out = String::from("// Written by `cargo xtask types` from crates/desk; do not edit.\n\n");
    for declaration in collect.declarations.values() {
        let _ = writeln!(out, "export {declaration}\n");
    }
    out.push_str("/** Every command with its request and answer. */\nexport interface Commands {\n");
    for command in Desk::commands() {
        let (name, doc, request, answer) = (command.name, command.doc, command.request, command.answer);
        let _ = writeln!(out, "  /** {doc} */\n  {name}: {{ request: {request}; answer: {answer} }};");
    }
    out.push_str("}\n");
    out
}
