using System.Net.Sockets;
using System.Text;
using MemoryMesh.Tests.Shared;

namespace MemoryMesh.Tests.Integration.Gateway;

/// <summary>Requests that an HTTP client would refuse to send.</summary>
internal static class RawHttp
{
    /// <summary>Sends a request that asks for the connection to be closed, and reads until it is.</summary>
    public static async Task<string> SendAsync(TestHost host, string request)
    {
        using var deadline = new CancellationTokenSource(Eventually.Patience);
        using var socket = new TcpClient();
        await socket.ConnectAsync(host.Address.Host, host.Address.Port, deadline.Token);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request), deadline.Token);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, deadline.Token);
        return Encoding.UTF8.GetString(answer.ToArray());
    }
}
