using MemoryMesh.Gateway;
using MemoryMesh.ServiceDefaults.Hosting;

return await MemoryMeshHost.RunAsync(args, () =>
{
    var builder = MemoryMeshHost.CreateBuilder(args, GatewayModule.Name);
    builder.Services.AddGatewayModule().AddGatewayForwarding();

    var app = builder.Build();
    app.UseMemoryMeshGateway();
    app.MapGatewayEndpoints();
    app.MapGatewayForwarding();
    return app;
});
