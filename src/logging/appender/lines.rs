//! What an appender's options say, kind by kind, in log4j2's lines.

use indexmap::IndexMap;

use super::{Kind, Options};
use crate::logging::model::Entry;
use crate::logging::place;
use crate::mapping::SettingId;

pub(super) fn console(options: &mut Options<'_>, lines: &mut IndexMap<String, Entry>) {
    if let Some(line) = options.take("Target") {
        let error = line.value.trim().eq_ignore_ascii_case("System.err");
        lines.insert("target".to_owned(), Entry::new(if error { "SYSTEM_ERR" } else { "SYSTEM_OUT" }, [line.id]));
    }
    copy(options, lines, "Follow", "follow");
    copy(options, lines, "ImmediateFlush", "immediateFlush");
}

pub(super) fn syslog(
    options: &mut Options<'_>,
    lines: &mut IndexMap<String, Entry>,
    class: SettingId,
) -> Result<(), String> {
    let line = options.take("SyslogHost").ok_or("a syslog appender without SyslogHost sent nothing")?;
    let mut from = vec![line.id];
    let address = place::resolve(line.value.trim(), options.variables(), &mut from);
    // `host:port`, `[v6]:port`; an address of version 6 without brackets has no port.
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port))
            if port.bytes().all(|byte| byte.is_ascii_digit())
                && !port.is_empty()
                && (!host.contains(':') || host.ends_with(']')) =>
        {
            (host, port)
        }
        _ => (address.as_str(), "514"),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    lines.insert("host".to_owned(), Entry::new(host, from.iter().copied()));
    lines.insert("port".to_owned(), Entry::new(port, from.iter().copied()));
    lines.insert("protocol".to_owned(), Entry::new("UDP", [class]));
    let facility = options.take("Facility");
    let (value, id) = facility.map_or(("USER", class), |line| (line.value.trim(), line.id));
    lines.insert("facility".to_owned(), Entry::new(value.to_ascii_uppercase(), [id]));
    Ok(())
}

pub(super) fn file(
    kind: Kind,
    options: &mut Options<'_>,
    lines: &mut IndexMap<String, Entry>,
    class: SettingId,
) -> Result<(), String> {
    let line = options.take("File").ok_or("a file appender without File wrote nothing")?;
    let mut from = vec![line.id];
    let name = place::file(&line.value, options.variables(), &mut from);
    lines.insert("fileName".to_owned(), Entry::new(name.as_str(), from.iter().copied()));
    match kind {
        Kind::Daily => {
            let pattern = options.take("DatePattern");
            from.push(pattern.map_or(class, |line| line.id));
            let date = pattern.and_then(|line| place::date(&line.value));
            let dated = place::dated(&name, date.as_deref().unwrap_or("yyyy-MM-dd"));
            lines.insert("filePattern".to_owned(), Entry::new(dated, from));
        }
        Kind::Sized => {
            lines.insert("filePattern".to_owned(), Entry::new(format!("{name}.%i"), from));
        }
        _ => {}
    }
    copy(options, lines, "Append", "append");
    let buffered = options.peek("BufferedIO").filter(|line| line.value.trim().eq_ignore_ascii_case("true"));
    copy(options, lines, "ImmediateFlush", "immediateFlush");
    copy(options, lines, "BufferedIO", "bufferedIo");
    copy(options, lines, "BufferSize", "bufferSize");
    if let Some(line) = buffered {
        // Buffers of 1.x are flushed when they are full, whatever the other option says.
        lines.insert("immediateFlush".to_owned(), Entry::new("false", [line.id]));
    }
    Ok(())
}

fn copy(options: &mut Options<'_>, lines: &mut IndexMap<String, Entry>, old: &str, new: &str) {
    if let Some(line) = options.take(old) {
        let value = line.value.trim();
        let lower = value.to_ascii_lowercase();
        let value = if matches!(lower.as_str(), "true" | "false") { lower.as_str() } else { value };
        lines.insert(new.to_owned(), Entry::new(value, [line.id]));
    }
}

/// When files roll, and how many stay.
pub(super) fn rolling(kind: Kind, options: &mut Options<'_>, lines: &mut IndexMap<String, Entry>, class: SettingId) {
    let mut put = |key: &str, value: &str, from: SettingId| {
        lines.insert(key.to_owned(), Entry::new(value, [from]));
    };
    match kind {
        Kind::Daily => {
            put("policies.type", "Policies", class);
            put("policies.time.type", "TimeBasedTriggeringPolicy", class);
            put("policies.time.interval", "1", class);
            put("policies.time.modulate", "true", class);
        }
        Kind::Sized => {
            let size = options.take("MaxFileSize").or_else(|| options.take("MaximumFileSize"));
            let (size, from) = size.map_or(("10MB", class), |line| (line.value.trim(), line.id));
            put("policies.type", "Policies", class);
            put("policies.size.type", "SizeBasedTriggeringPolicy", class);
            put("policies.size.size", size, from);
            put("strategy.type", "DefaultRolloverStrategy", class);
            put("strategy.fileIndex", "min", class);
            let (max, from) = options.take("MaxBackupIndex").map_or(("1", class), |line| (line.value.trim(), line.id));
            // log4j2 keeps one old file at least.
            put("strategy.max", if max == "0" { "1" } else { max }, from);
        }
        _ => {}
    }
}
