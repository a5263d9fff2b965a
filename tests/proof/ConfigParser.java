package org.wso2.config.mapper;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A config mapper of our own, with the name and the entry point of the product's: enough of TOML for the files that
 * the tool writes, and templates in which `{{ key }}` is a value, `{{ * }}` all others, one in each line.
 *
 * `needs-number.txt` lists keys that must be numbers, `ignored.txt` keys that nothing reads.
 */
public final class ConfigParser {
    private ConfigParser() {}

    public static void parse(String file, String resources, String out) throws Exception {
        Map<String, String> values = read(Files.readAllLines(Paths.get(file), StandardCharsets.UTF_8));
        for (String key : lines(Paths.get(resources, "needs-number.txt"))) {
            if (values.containsKey(key) && !values.get(key).matches("\\d+")) {
                System.err.println("[2001-02-03 04:05:06,789] ERROR {org.wso2.config.mapper.Check} - not a number: "
                        + values.get(key));
                throw new IllegalArgumentException("a number is wanted");
            }
        }
        for (String key : lines(Paths.get(resources, "ignored.txt"))) {
            values.remove(key);
        }
        Path templates = Paths.get(resources, "templates");
        List<Path> found;
        try (Stream<Path> walk = Files.walk(templates)) {
            found = walk.filter(Files::isRegularFile).sorted().collect(Collectors.toList());
        }
        for (Path template : found) {
            String text = new String(Files.readAllBytes(template), StandardCharsets.UTF_8);
            for (Map.Entry<String, String> value : values.entrySet()) {
                text = text.replace("{{ " + value.getKey() + " }}", value.getValue());
            }
            String all = values.entrySet().stream()
                    .map(value -> value.getKey() + "=" + value.getValue().replace("\\", "\\\\"))
                    .collect(Collectors.joining("\n"));
            text = text.replace("{{ * }}", all).replaceAll("\\{\\{ [^}]* \\}\\}", "");
            String name = templates.relativize(template).toString();
            Path target = Paths.get(out, name.substring(0, name.length() - ".j2".length()));
            Files.createDirectories(target.getParent());
            Files.write(target, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static List<String> lines(Path file) throws Exception {
        return Files.exists(file) ? Files.readAllLines(file, StandardCharsets.UTF_8) : new ArrayList<>();
    }

    private static Map<String, String> read(List<String> lines) {
        Map<String, String> values = new TreeMap<>();
        Map<String, Integer> items = new TreeMap<>();
        String table = "";
        for (String line : lines) {
            if (line.startsWith("[[")) {
                String name = line.substring(2, line.indexOf("]]"));
                table = name + "[" + items.merge(name, 1, Integer::sum) + "].";
            } else if (line.startsWith("[")) {
                table = line.substring(1, line.lastIndexOf(']')) + ".";
            } else if (line.contains(" = ")) {
                String value = line.substring(line.indexOf(" = ") + 3).trim();
                if (value.startsWith("[")) {
                    value = value.substring(1, value.length() - 1).replace("\", \"", "\",\"");
                    value = Stream.of(value.split("\",\"")).map(ConfigParser::text).collect(Collectors.joining(","));
                }
                values.put(table + line.substring(0, line.indexOf(" = ")), text(value));
            }
        }
        return values;
    }

    private static String text(String value) {
        String inner = value.startsWith("\"") ? value.substring(1) : value;
        inner = inner.endsWith("\"") ? inner.substring(0, inner.length() - 1) : inner;
        return inner.replace("\\\"", "\"").replace("\\\\", "\\");
    }
}
