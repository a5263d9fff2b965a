import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;

/**
 * Stands where the server's start would stand: calls the product's config mapper once for each line of stdin.
 *
 * A line is `TOML<tab>RESOURCES<tab>OUT`, all three paths. The answer is one line: `accepted`, or `refused` and, after
 * a tab, what the mapper said, with `\n` for line ends. Whatever the product itself prints goes to stderr.
 */
public final class StandIn {
    private StandIn() {}

    public static void main(String[] args) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, "UTF-8");
        System.setOut(System.err);
        Method parse;
        try {
            parse = Class.forName("org.wso2.config.mapper.ConfigParser")
                    .getMethod("parse", String.class, String.class, String.class);
        } catch (ReflectiveOperationException | LinkageError missing) {
            answers.println("no mapper\t" + oneLine(missing));
            return;
        }
        answers.println("ready");
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            String[] paths = line.split("\t", -1);
            // Some steps of the mapper ask for the server's home: it is the scratch folder.
            System.setProperty("carbon.home", paths[2]);
            try {
                parse.invoke(null, paths[0], paths[1], paths[2]);
                answers.println("accepted");
            } catch (InvocationTargetException thrown) {
                answers.println("refused\t" + oneLine(thrown.getCause()));
            }
        }
    }

    /** What was thrown and what caused it, each once; of a cause without a text its kind. */
    private static String oneLine(Throwable thrown) {
        StringBuilder text = new StringBuilder();
        for (Throwable at = thrown; at != null; at = at.getCause()) {
            String said = at.getMessage() == null ? at.getClass().getSimpleName() : at.getMessage();
            if (text.indexOf(said) < 0) {
                text.append(text.length() == 0 ? "" : ": ").append(said);
            }
        }
        return text.toString().replace("\\", "\\\\").replace("\r", "").replace("\n", "\\n");
    }
}
