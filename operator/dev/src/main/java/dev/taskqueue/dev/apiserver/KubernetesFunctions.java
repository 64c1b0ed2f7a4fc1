package dev.taskqueue.dev.apiserver;

import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.ListType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelFunctionBinding;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/** Those functions that Kubernetes adds to CEL and that our CRDs call: quantities, and the sum of a list. */
final class KubernetesFunctions {
    private static final OpaqueType QUANTITY = OpaqueType.create("kubernetes.Quantity");

    private KubernetesFunctions() {}

    /** A quantity as a value of CEL. */
    private record Amount(BigDecimal value) {}

    static List<CelFunctionDecl> declarations() {
        return List.of(
                CelFunctionDecl.newFunctionDeclaration(
                        "isQuantity",
                        CelOverloadDecl.newGlobalOverload("is_quantity", SimpleType.BOOL, SimpleType.STRING)),
                CelFunctionDecl.newFunctionDeclaration(
                        "quantity", CelOverloadDecl.newGlobalOverload("quantity", QUANTITY, SimpleType.STRING)),
                CelFunctionDecl.newFunctionDeclaration(
                        "isLessThan", CelOverloadDecl.newMemberOverload("less", SimpleType.BOOL, QUANTITY, QUANTITY)),
                CelFunctionDecl.newFunctionDeclaration(
                        "isGreaterThan",
                        CelOverloadDecl.newMemberOverload("greater", SimpleType.BOOL, QUANTITY, QUANTITY)),
                CelFunctionDecl.newFunctionDeclaration(
                        "sum",
                        CelOverloadDecl.newMemberOverload("sum_int", SimpleType.INT, ListType.create(SimpleType.INT))));
    }

    static List<CelFunctionBinding> bindings() {
        return List.of(
                CelFunctionBinding.from("is_quantity", String.class, KubernetesFunctions::isQuantity),
                CelFunctionBinding.from("quantity", String.class, text -> new Amount(amount(text))),
                CelFunctionBinding.from("less", Amount.class, Amount.class, (a, b) -> a.value.compareTo(b.value) < 0),
                CelFunctionBinding.from(
                        "greater", Amount.class, Amount.class, (a, b) -> a.value.compareTo(b.value) > 0),
                CelFunctionBinding.from("sum_int", List.class, KubernetesFunctions::sum));
    }

    private static long sum(List<?> numbers) {
        return numbers.stream()
                .mapToLong(number -> ((Number) number).longValue())
                .sum();
    }

    private static boolean isQuantity(String text) {
        try {
            amount(text);
            return true;
        } catch (IllegalArgumentException wrong) {
            return false;
        }
    }

    private static BigDecimal amount(String text) {
        BigDecimal amount = Quantity.parse(text).getNumericalAmount();
        // Kubernetes reads a quantity to nine decimal places, rounded up. A value that is far too large stays as it is,
        // so that it is not written out with all its digits.
        return amount.precision() - amount.scale() > 20 ? amount : amount.setScale(9, RoundingMode.UP);
    }
}
