package dev.taskqueue.operator.batch;

/** Says what is wrong with one item. The sentence names the field, says what to change, and never quotes a value. It is no error of the program. */
final class ItemFault extends Exception {
    private static final long serialVersionUID = 1L;

    ItemFault(String sentence) {
        super(sentence, null, false, false);
    }
}
