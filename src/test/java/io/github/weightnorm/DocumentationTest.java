package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What the documentation shows as code is what is compiled and run. A block behind the comment {@code <!-- name -->} has to equal the
 * lines between {@code <name>} and {@code </name>} in one of the sources: comments of whatever kind is theirs.
 */
@Tag("once")
class DocumentationTest {

    private static final List<Path> DOCUMENTS =
            paths("README.md", "docs/embedding.md", "docs/ten-minutes.md", "src/main/javadoc/overview.html");
    private static final List<Path> SOURCES = paths("src/test/consumers", "src/test/java", "property-tests/java", "src/example/java");

    private static final Pattern SHOWN = Pattern.compile("<!-- ([a-z-]+) -->\n(?:```[a-z]+\n|<pre>\\{@code )(.*?)(?:```|\\}</pre>)", Pattern.DOTALL);
    private static final Pattern TRIED =
            Pattern.compile("^ *(?://|<!--) <([a-z-]+)>(?: -->)?\n(.*?)^ *(?://|<!--) </\\1>", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern VERSION = Pattern.compile("(?<=<artifactId>weightnorm</artifactId>\\s{0,20}<version>)[^<]*"
            + "|(?<=io\\.github\\.weightnorm:weightnorm:)[0-9][^\"'`]*|(?<=weightnorm-)[0-9][0-9A-Z.-]*(?=\\.jar)");

    @Test
    void showsCodeThatIsTried() throws IOException {
        Map<String, String> tried = new TreeMap<>();
        for (Path source : files(SOURCES)) {
            Matcher region = TRIED.matcher(Files.readString(source));
            while (region.find()) {
                // An example in several pieces is shown as one.
                tried.merge(region.group(1), region.group(2).stripTrailing().stripIndent().strip(), (first, next) -> first + "\n\n" + next);
            }
        }
        TreeSet<String> shown = new TreeSet<>();
        for (Path document : DOCUMENTS) {
            Matcher block = SHOWN.matcher(Files.readString(document));
            while (block.find()) {
                shown.add(block.group(1));
                assertEquals(tried.get(block.group(1)), block.group(2).strip(), document + ", " + block.group(1));
            }
        }
        assertEquals(tried.keySet(), shown);
    }

    @Test
    void namesTheVersionOfThePom() throws IOException {
        String version = version(Path.of("pom.xml"), Pattern.compile("(?<=<artifactId>weightnorm</artifactId>\\s{0,20}<version>)[^<]*")).get(0);
        List<Path> documents = Stream.concat(DOCUMENTS.stream(), files(SOURCES.subList(0, 1)).stream()).toList();
        int named = 0;
        for (Path document : documents) {
            for (String other : version(document, VERSION)) {
                assertEquals(version, other, document.toString());
                named++;
            }
        }
        assertTrue(named > 8, named + " versions");
    }

    private static List<Path> paths(String... names) {
        return Stream.of(names).map(Path::of).toList();
    }

    private static List<String> version(Path file, Pattern pattern) throws IOException {
        return pattern.matcher(Files.readString(file)).results().map(result -> result.group().strip()).toList();
    }

    private static List<Path> files(List<Path> folders) {
        return folders.stream().flatMap(folder -> {
            try (Stream<Path> files = Files.walk(folder)) {
                return files.filter(file -> file.toString().matches(".*\\.(java|kt|kts|gradle|xml)")).sorted().toList().stream();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }).toList();
    }
}
