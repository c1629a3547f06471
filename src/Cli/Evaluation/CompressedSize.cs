using System.IO.Compression;

namespace EdgePrune.Cli.Evaluation;

/// <summary>How small a file gets when it is compressed, as an update over the air would be.</summary>
internal static class CompressedSize
{
    public static long Gzip(string path) => Count(path, to => new GZipStream(to, CompressionLevel.Optimal, leaveOpen: true));

    public static long Brotli(string path) => Count(path, to => new BrotliStream(to, CompressionLevel.Optimal, leaveOpen: true));

    private static long Count(string path, Func<Stream, Stream> compress)
    {
        using var counted = new CountingStream();
        using (FileStream file = File.OpenRead(path))
        using (Stream compressed = compress(counted))
        {
            file.CopyTo(compressed);
        }

        return counted.Position;
    }

    // Keeps nothing: a model's file may be larger than memory should be for its sake.
    private sealed class CountingStream : Stream
    {
        private long written;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => written;

        public override long Position
        {
            get => written;
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => written += count;

        public override void Write(ReadOnlySpan<byte> buffer) => written += buffer.Length;
    }
}
