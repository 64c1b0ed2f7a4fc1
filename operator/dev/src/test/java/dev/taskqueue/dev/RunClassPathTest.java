package dev.taskqueue.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Checks what {@code mvn -Pdev} runs with. Tests have more on their class path than the program, so none of them notices when a dependency that the
 * operator or the gateway brings along is declared here for tests alone.
 */
class RunClassPathTest {
    @ParameterizedTest
    @ValueSource(strings = {"../pom.xml", "../gateway/pom.xml", "../control-plane/pom.xml"})
    void whatAModuleNeedsToRunIsNotForTestsAloneHere(String module) throws Exception {
        assertThat(dependencies("pom.xml", true)).isNotEmpty().doesNotContainAnyElementsOf(dependencies(module, false));
    }

    private static List<String> dependencies(String pom, boolean forTests) throws Exception {
        NodeList all = DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(Path.of(pom).toFile())
                .getElementsByTagName("dependency");
        var names = new ArrayList<String>();
        for (int i = 0; i < all.getLength(); i++) {
            var dependency = (Element) all.item(i);
            if (text(dependency, "scope").equals("test") == forTests) {
                names.add(text(dependency, "groupId") + ":" + text(dependency, "artifactId"));
            }
        }
        return names;
    }

    private static String text(Element dependency, String name) {
        NodeList found = dependency.getElementsByTagName(name);
        return found.getLength() == 0 ? "" : found.item(0).getTextContent().strip();
    }
}
