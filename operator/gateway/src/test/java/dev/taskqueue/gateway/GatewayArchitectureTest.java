package dev.taskqueue.gateway;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The packages of the gateway depend on each other as docs/design.md says, and on nothing of the operator. */
class GatewayArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.taskqueue.gateway");

    @Test
    void packagesImportThoseBelowThem() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("dev.taskqueue.gateway..")
                .layer("root")
                .definedBy("dev.taskqueue.gateway")
                .layer("wire")
                .definedBy("dev.taskqueue.gateway.wire")
                .layer("calls")
                .definedBy("dev.taskqueue.gateway.calls")
                .layer("auth")
                .definedBy("dev.taskqueue.gateway.auth")
                .layer("cluster")
                .definedBy("dev.taskqueue.gateway.cluster")
                .layer("mapping")
                .definedBy("dev.taskqueue.gateway.mapping")
                .layer("ops")
                .definedBy("dev.taskqueue.gateway.ops")
                .layer("failure")
                .definedBy("dev.taskqueue.gateway.failure")
                .whereLayer("root")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("wire")
                .mayOnlyBeAccessedByLayers("root")
                .whereLayer("calls")
                .mayOnlyBeAccessedByLayers("root", "wire")
                .whereLayer("auth")
                .mayOnlyBeAccessedByLayers("root", "wire")
                .whereLayer("cluster")
                .mayOnlyBeAccessedByLayers("root", "wire", "calls", "auth")
                .whereLayer("mapping")
                .mayOnlyBeAccessedByLayers("root", "wire", "calls", "auth", "cluster")
                .whereLayer("ops")
                .mayOnlyBeAccessedByLayers("root", "wire", "calls", "auth", "cluster")
                .check(CLASSES);
    }

    @Test
    void onlyWireKnowsJetty() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.taskqueue.gateway.wire")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.eclipse.jetty..", "jakarta.servlet..")
                .check(CLASSES);
    }

    @Test
    void nothingOfTheOperatorIsKnown() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.taskqueue.operator..")
                .check(CLASSES);
    }
}
