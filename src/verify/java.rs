//! The Java that the product would use: `JAVA_HOME` first, then the path.

use crate::text::Parts as _;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The oldest Java that runs a class from its source.
const OLDEST: u32 = 11;

/// Why no Java can be used.
#[derive(Debug, thiserror::Error)]
pub enum JavaError {
    /// There is none.
    #[error(
        "no Java is found: set JAVA_HOME to the JDK that the product runs with, or put `java` on the PATH; \
         `verify --static` needs none"
    )]
    None,
    /// `JAVA_HOME` names none.
    #[error("JAVA_HOME is {}, where no bin/java is: set it to the JDK that the product runs with", .0.display())]
    NotThere(PathBuf),
    /// It does not start, or does not tell its version.
    #[error("{}: does not tell its version: set JAVA_HOME to a JDK of version {OLDEST} or later", .0.display())]
    Silent(PathBuf),
    /// It is too old.
    #[error("{}: is Java {version}, {OLDEST} or later is needed: set JAVA_HOME", program.display())]
    TooOld {
        /// The program.
        program: PathBuf,
        /// Its version.
        version: u32,
    },
}

/// A Java that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Java {
    /// The program.
    pub program: PathBuf,
}

impl Java {
    /// Finds it as the product's start scripts do.
    pub fn find() -> Result<Self, JavaError> {
        Self::found(std::env::var_os("JAVA_HOME"))
    }

    fn found(java_home: Option<OsString>) -> Result<Self, JavaError> {
        let name = format!("java{}", std::env::consts::EXE_SUFFIX);
        let program = match java_home.filter(|home| !home.is_empty()) {
            Some(home) => {
                let program = Path::new(&home).join("bin").join(name);
                if !program.is_file() {
                    return Err(JavaError::NotThere(home.into()));
                }
                program
            }
            None => PathBuf::from(name),
        };
        let output = Command::new(&program).arg("-version").stdin(Stdio::null()).output();
        let output = output.map_err(|_| JavaError::None)?;
        let told = String::from_utf8_lossy(&output.stderr);
        match version(&told) {
            None => Err(JavaError::Silent(program)),
            Some(version) if version < OLDEST => Err(JavaError::TooOld { program, version }),
            Some(_) => Ok(Self { program }),
        }
    }
}

/// The version in what `java -version` tells: `"17.0.15"` is 17, `"1.8.0_392"` is 8.
fn version(told: &str) -> Option<u32> {
    let quoted = told.split('"').nth(1)?;
    let quoted = quoted.strip_prefix("1.").unwrap_or(quoted);
    let digits = quoted.find(|character: char| !character.is_ascii_digit()).unwrap_or(quoted.len());
    quoted.part(..digits).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Java, JavaError, version};

    #[test]
    fn reads_versions() {
        assert_eq!(version("openjdk version \"17.0.15\" 2025-04-15\n"), Some(17));
        assert_eq!(version("java version \"1.8.0_392\"\n"), Some(8));
        assert_eq!(version("openjdk version \"25\" 2025-09-16"), Some(25));
        assert_eq!(version("no such thing"), None);
    }

    #[test]
    fn says_where_it_looked() {
        let error = Java::found(Some("/nowhere".into())).unwrap_err();
        assert!(matches!(error, JavaError::NotThere(_)), "{error}");
    }
}
