package dev.taskqueue.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandTest {
    @Test
    void eachArgumentHasItsCommand() {
        assertThat(Command.of(List.of())).isEqualTo(new Command.Run());
        assertThat(Command.of(List.of("--help"))).isEqualTo(new Command.Help());
        assertThat(Command.of(List.of("--version"))).isEqualTo(new Command.Version());
        assertThat(Command.of(List.of("--version", "--help"))).isEqualTo(new Command.Help());
        assertThat(Command.of(List.of("plan", "a.yaml", "--unknown")))
                .isEqualTo(new Command.Plan(List.of("a.yaml", "--unknown")));
    }

    @ParameterizedTest
    @CsvSource({"run, run", "--help run, run", "--Version, --Version", "-h, -h", "--help plan, plan", "'', ''"})
    void anUnknownArgumentIsNamed(String words, String unknown) {
        assertThat(Command.of(List.of(words.split(" ", -1)))).isEqualTo(new Command.Unknown(unknown));
        assertThat(new Command.Unknown(unknown).message())
                .startsWith("\"" + unknown + "\" is no argument")
                .contains("plan FILE...", "--help", "--version", "Without arguments");
    }
}
