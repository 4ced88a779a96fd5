//! A site file for a test.

use std::fmt::Write;

/// What the administrator of a test sets up.
#[derive(Clone, Debug, Default)]
pub struct Site {
    system: Vec<String>,
    extensions: Vec<(String, Vec<String>)>,
    rest: String,
}

impl Site {
    /// A site with these extensions; each has the password of [`Site::password`].
    #[must_use]
    pub fn with<'a>(extensions: impl IntoIterator<Item = &'a str>) -> Self {
        let extensions = extensions.into_iter();
        Self {
            extensions: extensions
                .map(|number| (number.to_owned(), Vec::new()))
                .collect(),
            ..Self::default()
        }
    }

    /// The password of an extension.
    #[must_use]
    pub fn password(number: &str) -> String {
        format!("Pw-{number}-tests")
    }

    /// A line of `[system]`, as `language = "en"`.
    #[must_use]
    pub fn system(mut self, line: &str) -> Self {
        self.system.push(line.to_owned());
        self
    }

    /// A line of an extension, as `call_waiting = true`.
    ///
    /// # Panics
    /// When there is no such extension.
    #[must_use]
    pub fn extension(mut self, number: &str, line: &str) -> Self {
        let extension = self.extensions.iter_mut().find(|(name, _)| name == number);
        let (_, lines) = extension.expect("an extension of the site");
        lines.push(line.to_owned());
        self
    }

    /// Lines after everything else.
    #[must_use]
    pub fn also(mut self, lines: &str) -> Self {
        self.rest.push_str(lines);
        self
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> String {
        let mut file = String::from("[system]\n");
        for line in &self.system {
            let _ = writeln!(file, "{line}");
        }
        for (number, lines) in &self.extensions {
            let password = Self::password(number);
            let _ = writeln!(
                file,
                "\n[[extension]]\nnumber = \"{number}\"\npassword = \"{password}\""
            );
            for line in lines {
                let _ = writeln!(file, "{line}");
            }
        }
        file + "\n" + &self.rest
    }
}
