using System.Net.Sockets;
using RabbitMQ.Client;

namespace MemoryMesh.ServiceDefaults.Messaging;

/// <summary>A connection to the broker that fails when it ends.</summary>
/// <remarks>
/// RabbitMQ.Client waits for the rest of a frame that was cut in the middle for ever, and takes the whole of a processor for it: the end of a stream is an answer of no
/// bytes, which it reads again and again. Here the end is an error, which the client takes as a lost connection wherever it happens.
/// </remarks>
internal sealed class BrokerSocket(Socket socket) : TcpClientAdapter(socket)
{
    private const int BufferSize = 65_536;

    /// <summary>Opens one, with the settings that the client gives its own.</summary>
    public static ITcpClient Open(AddressFamily family)
        => new BrokerSocket(new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = BufferSize, SendBufferSize = BufferSize });

    public override NetworkStream GetStream() => new EndingStream(Client);

    private sealed class EndingStream(Socket socket) : NetworkStream(socket)
    {
        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer) => Received(base.Read(buffer), buffer.Length);

        public override int ReadByte()
        {
            Span<byte> one = stackalloc byte[1];
            return Read(one) == 0 ? -1 : one[0];
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
            => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => Received(await base.ReadAsync(buffer, cancellationToken), buffer.Length);

        private static int Received(int bytes, int wanted)
            => bytes > 0 || wanted == 0 ? bytes : throw new EndOfStreamException("The broker closed the connection.");
    }
}
