//! The one declaration of commands, and what hosts see of it.

/// A command as hosts list it.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Command {
    /// Its name, also its path under `/api/`.
    pub name: &'static str,
    /// One line of documentation.
    pub doc: &'static str,
    /// Its request, in TypeScript.
    pub request: String,
    /// Its answer, in TypeScript.
    pub answer: String,
}

/// Declares every command once: name, what carries it out, request, answer, documentation.
macro_rules! commands {
    ($( #[doc = $doc:literal] $name:ident : $module:ident :: $act:ident ( $request:ty ) -> $answer:ty; )*) => {
        impl Desk {
            /// Every command there is.
            pub fn commands() -> Vec<$crate::Command> {
                let config = ts_rs::Config::default();
                vec![$( $crate::Command {
                    name: stringify!($name),
                    doc: $doc.trim_ascii(),
                    request: <$request as ts_rs::TS>::name(&config),
                    answer: <$answer as ts_rs::TS>::name(&config),
                } ),*]
            }

            /// Carries out a command by name, JSON in and out.
            pub async fn call(
                &self,
                name: &str,
                request: serde_json::Value,
            ) -> Result<serde_json::Value, $crate::CommandError> {
                match name {
                    $( stringify!($name) => {
                        let request: $request = $crate::error::read(request)?;
                        $crate::error::write(&$module::$act(self, request).await?)
                    } )*
                    _ => Err($crate::CommandError::unknown_command(name)),
                }
            }
        }

        /// Shows every type of the table to a visitor.
        pub(crate) fn visit_types(visitor: &mut impl ts_rs::TypeVisitor) {
            $( visitor.visit::<$request>(); visitor.visit::<$answer>(); )*
        }
    };
}

pub(crate) use commands;
