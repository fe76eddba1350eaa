using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryMesh.Auth.Storage.Sql;

internal sealed class SqlSigningKeyStore([FromKeyedServices(AuthModule.Name)] ModuleStore database) : ISigningKeyStore
{
    public async Task<IReadOnlyList<SigningKeyRecord>> ListAsync(CancellationToken cancellationToken)
        => await database.Data.ReadAsync(
            session => session.Query(
                "SELECT id, private_key, created_at FROM signing_keys ORDER BY created_at, id",
                row => new SigningKeyRecord(row.Text(0), row.Bytes(1), row.Time(2))),
            cancellationToken);

    public Task ReplaceAsync(IReadOnlyList<string> dropped, SigningKeyRecord added, CancellationToken cancellationToken)
        => database.Data.WriteAsync(
            session =>
            {
                foreach (var id in dropped)
                {
                    session.Execute("DELETE FROM signing_keys WHERE id = $1", id);
                }

                session.Execute(
                    "INSERT INTO signing_keys (id, private_key, created_at) VALUES ($1, $2, $3)", added.Id, added.PrivateKey, added.CreatedAt);
            },
            cancellationToken);
}
