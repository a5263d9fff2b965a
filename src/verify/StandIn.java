import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;

/**
 * Stands where the server's start would stand: calls the product's config mapper once for each line of stdin.
 *
 * A line is `TOML<tab>RESOURCES<tab>OUT`, all three paths. The answer is one line: `accepted`, or `refused` and, after
 * a tab, what the mapper said, with `\n` for line ends: first what it printed, then what it threw.
 */
public final class StandIn {
    private StandIn() {}

    public static void main(String[] args) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, "UTF-8");
        // What the product prints is kept: the reason of a refusal may stand nowhere else.
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, "UTF-8"));
        System.setErr(System.out);
        Method parse;
        try {
            parse = Class.forName("org.wso2.config.mapper.ConfigParser")
                    .getMethod("parse", String.class, String.class, String.class);
        } catch (ReflectiveOperationException | LinkageError missing) {
            answers.println("no mapper\t" + oneLine(chain(missing)));
            return;
        }
        answers.println("ready");
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            String[] paths = line.split("\t", -1);
            // Some steps of the mapper ask for the server's home: it is the scratch folder.
            System.setProperty("carbon.home", paths[2]);
            printed.reset();
            try {
                parse.invoke(null, paths[0], paths[1], paths[2]);
                answers.println("accepted");
            } catch (InvocationTargetException thrown) {
                String text = printed.toString("UTF-8") + "\n" + chain(thrown.getCause());
                answers.println("refused\t" + oneLine(text));
            }
        }
    }

    /** What was thrown and what caused it, each once; of a cause without a text its kind. */
    private static String chain(Throwable thrown) {
        StringBuilder text = new StringBuilder();
        for (Throwable at = thrown; at != null; at = at.getCause()) {
            String said = at.getMessage() == null ? at.getClass().getSimpleName() : at.getMessage();
            if (text.indexOf(said) < 0) {
                text.append(text.length() == 0 ? "" : ": ").append(said);
            }
        }
        return text.toString();
    }

    private static String oneLine(String text) {
        return text.replace("\\", "\\\\").replace("\r", "").replace("\n", "\\n");
    }
}
