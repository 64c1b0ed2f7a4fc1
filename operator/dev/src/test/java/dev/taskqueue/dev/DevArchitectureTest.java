package dev.taskqueue.dev;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.taskqueue.operator.Environment;
import dev.taskqueue.operator.TaskQueueOperator;
import dev.taskqueue.operator.alarm.AlarmClock;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.DeliveryStatus;
import dev.taskqueue.operator.engine.QueueStats;
import dev.taskqueue.operator.ops.Config;
import dev.taskqueue.operator.ops.ConsoleFiles;
import dev.taskqueue.operator.task.DocLinks;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Checks that the dev mode uses the operator only from outside: it starts the operator, and shows its reports. */
class DevArchitectureTest {
    private static final String OPERATOR = TaskQueueOperator.class.getPackageName();
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.taskqueue.dev");

    /** The classes that start an operator, and the values that it reports. The API types may be used, too. */
    private static final Set<String> ALLOWED = Set.of(
            TaskQueueOperator.class.getName(),
            Environment.class.getName(),
            Clocks.class.getName(),
            AlarmClock.class.getName(),
            Config.class.getName(),
            ConsoleFiles.class.getName(),
            DocLinks.class.getName(),
            DeliveryStatus.class.getName(),
            QueueStats.class.getName(),
            Obstacle.class.getName(),
            QueueId.class.getName(),
            TaskId.class.getName());

    @Test
    void devModeUsesTheOperatorFromOutside() {
        noClasses()
                .should()
                .dependOnClassesThat(describe("are inside the operator", DevArchitectureTest::isInsideOperator))
                .check(CLASSES);
    }

    private static boolean isInsideOperator(JavaClass type) {
        boolean isOperators =
                type.getPackageName().equals(OPERATOR) || type.getPackageName().startsWith(OPERATOR + ".");
        return isOperators
                && !type.getPackageName().equals(OPERATOR + ".api")
                && !ALLOWED.contains(type.getName().replaceFirst("\\$.*", ""));
    }
}
