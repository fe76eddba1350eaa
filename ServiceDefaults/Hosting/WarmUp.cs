using System.Security.Cryptography;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Data.Sqlite;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>Loads what every start needs on a thread of its own, while the host is put together: the libraries of SQLite and of cryptography.</summary>
internal static class WarmUp
{
    public static void Start() => new Thread(Run) { IsBackground = true, Name = "warm-up" }.Start();

    private static void Run()
    {
        try
        {
            SqliteDatabase.WarmUp();
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            key.ExportPkcs8PrivateKey();
            key.ExportParameters(includePrivateParameters: false);
            using var aes = new AesGcm(new byte[32], 16);
            Span<byte> bytes = stackalloc byte[16];
            aes.Encrypt(stackalloc byte[12], bytes, bytes, stackalloc byte[16]);
            HMACSHA256.HashData(bytes, bytes);
        }
        catch (Exception exception) when (exception is SqliteException or CryptographicException or DllNotFoundException or TypeInitializationException)
        {
            // What fails here fails again where it is used, and is told there.
        }
    }
}
