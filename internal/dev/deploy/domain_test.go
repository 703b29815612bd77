package deploy_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// serverlessDomain is s-domain.yaml, with the component fc3-domain, whose schema has
// these keys (devsapp/fc3-domain, src/schema.json).
type serverlessDomain struct {
	Edition   string            `yaml:"edition"`
	Name      string            `yaml:"name"`
	Access    string            `yaml:"access"`
	Vars      map[string]string `yaml:"vars"`
	Resources struct {
		Domain struct {
			Component string `yaml:"component"`
			Props     struct {
				Region     string `yaml:"region"`
				DomainName string `yaml:"domainName"`
				Protocol   string `yaml:"protocol"`
				CertConfig struct {
					CertName    string `yaml:"certName"`
					Certificate string `yaml:"certificate"`
					PrivateKey  string `yaml:"privateKey"`
				} `yaml:"certConfig"`
				RouteConfig struct {
					Routes []struct {
						Path         string   `yaml:"path"`
						FunctionName string   `yaml:"functionName"`
						Qualifier    string   `yaml:"qualifier"`
						Methods      []string `yaml:"methods"`
					} `yaml:"routes"`
				} `yaml:"routeConfig"`
			} `yaml:"props"`
		} `yaml:"sslvpn_change_domain"`
	} `yaml:"resources"`
}

func readServerlessDomain(text string) (*domain, []string) {
	var first, file serverlessDomain
	if err := strictText([]byte(expandMagic(text, nil)), &first); err != nil {
		return nil, []string{"s-domain.yaml: " + err.Error()}
	}
	if err := strictText([]byte(expandMagic(text, first.Vars)), &file); err != nil {
		return nil, []string{"s-domain.yaml: " + err.Error()}
	}
	p := file.Resources.Domain.Props
	if file.Edition != "3.0.0" || file.Resources.Domain.Component != "fc3-domain" || p.Region != region || len(p.RouteConfig.Routes) != 1 {
		return nil, []string{fmt.Sprintf("s-domain.yaml: edition %q, component %q, region %q, %d routes", file.Edition, file.Resources.Domain.Component, p.Region, len(p.RouteConfig.Routes))}
	}
	r := p.RouteConfig.Routes[0]
	return &domain{p.DomainName, p.Protocol, p.CertConfig.CertName, p.CertConfig.Certificate, p.CertConfig.PrivateKey, r.Path, r.FunctionName, r.Qualifier, r.Methods}, nil
}

// addDomain has the properties of ALIYUN::FC3::CustomDomain (ROS's page of that name).
func (t *template) addDomain(properties any) error {
	var d struct {
		DomainName string `yaml:"DomainName"`
		Protocol   string `yaml:"Protocol"`
		AuthConfig struct {
			AuthType string `yaml:"AuthType"`
		} `yaml:"AuthConfig"`
		CertConfig struct {
			CertName    string `yaml:"CertName"`
			Certificate string `yaml:"Certificate"`
			PrivateKey  string `yaml:"PrivateKey"`
		} `yaml:"CertConfig"`
		RouteConfig struct {
			Routes []struct {
				Path         string   `yaml:"Path"`
				FunctionName string   `yaml:"FunctionName"`
				Qualifier    string   `yaml:"Qualifier"`
				Methods      []string `yaml:"Methods"`
			} `yaml:"Routes"`
		} `yaml:"RouteConfig"`
	}
	if err := strict(properties, &d); err != nil {
		return err
	}
	if d.AuthConfig.AuthType != "anonymous" || len(d.RouteConfig.Routes) != 1 {
		return fmt.Errorf("the domain has the authentication %q and %d routes", d.AuthConfig.AuthType, len(d.RouteConfig.Routes))
	}
	r := d.RouteConfig.Routes[0]
	t.Domain = &domain{d.DomainName, d.Protocol, d.CertConfig.CertName, d.CertConfig.Certificate, d.CertConfig.PrivateKey, r.Path, r.FunctionName, r.Qualifier, r.Methods}
	return nil
}

// checkDomain compares the domain's route with the function and its HTTP trigger.
func checkDomain(file string, d deployment) []string {
	i := slices.IndexFunc(d.Triggers, func(t trigger) bool { return t.HTTP != nil })
	if d.Domain == nil || i < 0 {
		return []string{file + ": there is no domain, or no HTTP trigger"}
	}
	want := domain{customDomain, "HTTPS", d.Function.Name, certificatePath, keyPath, "/*", d.Function.Name, "LATEST", d.Triggers[i].HTTP.Methods}
	if !reflect.DeepEqual(*d.Domain, want) {
		return []string{file + ": the domain is not as the function expects it: " + asJSON(d.Domain)}
	}
	return nil
}

// TestADomainIsAnOption resolves the template without a domain, and without a
// certificate.
func TestADomainIsAnOption(t *testing.T) {
	t.Parallel()
	text := readFiles(t)["template.yml"]
	without := func(parameter string) template {
		got, problems := readTemplate(strings.ReplaceAll(text, "[{ Ref: "+parameter+" }, '']", "[{ Ref: "+parameter+" }, { Ref: "+parameter+" }]"))
		for _, p := range problems {
			if !strings.HasSuffix(p, "nothing uses CustomDomainKey") {
				t.Fatal(p)
			}
		}
		return got
	}
	if got := without("CustomDomainName").Domain; got != nil {
		t.Errorf("without a name there is a domain: %+v", got)
	}
	if got := without("CustomDomainCertificate").Domain; got == nil || got.Protocol != "HTTP" || got.CertificateName != "" || got.Key != "" {
		t.Errorf("without a certificate the domain is %+v", got)
	}
}
