package dev.taskqueue.operator.campaign;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Holds what does not fit into memory while a run lasts. Safe for use by several threads. */
final class ScratchFile implements AutoCloseable {
    private final Path path;
    /** Unlike a channel, it stays open when the thread that writes is interrupted. */
    private final RandomAccessFile file;

    private long end;

    /** Where some bytes are. */
    record Piece(long at, int length) {}

    ScratchFile() {
        try {
            path = Files.createTempFile("campaign", ".scratch");
            file = new RandomAccessFile(path.toFile(), "rw");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized Piece append(byte[] bytes) {
        var piece = new Piece(end, bytes.length);
        try {
            file.seek(end);
            file.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        end += bytes.length;
        return piece;
    }

    synchronized byte[] read(Piece piece) {
        var bytes = new byte[piece.length()];
        try {
            file.seek(piece.at());
            file.readFully(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes;
    }

    @Override
    public void close() {
        try {
            file.close();
            Files.delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
