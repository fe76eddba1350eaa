using MemoryMesh.Gateway;
using MemoryMesh.ServiceDefaults.Hosting;

var builder = MemoryMeshHost.CreateBuilder(args, GatewayModule.Name);
builder.Services.AddGatewayModule().AddGatewayForwarding();

var app = builder.Build();
app.UseMemoryMeshGateway();
app.MapGatewayEndpoints();
app.MapGatewayForwarding();
return await app.RunMemoryMeshAsync();
